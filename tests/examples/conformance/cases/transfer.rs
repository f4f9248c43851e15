//! Calls to Transfer.

use globus::{
    prelude::*,
    transfer::{EntityType, Filter, endpoints::SearchScope},
};
use serde_json::json;

use super::{A, B, C, cases};

fn transfer() -> TransferData {
    let mut data = TransferData::new(A, B);
    data.add_item("/~/a b/", "/ü/");
    data
}

fn whole_transfer() -> TransferData {
    let mut data = transfer()
        .submission_id(C)
        .label("run 7")
        .sync_level(SyncLevel::Checksum)
        .verify_checksum(true)
        .preserve_timestamp(true)
        .encrypt_data(true)
        .skip_source_errors(false)
        .fail_on_quota_errors(true)
        .delete_destination_extra(false)
        .source_local_user("ada")
        .destination_local_user("bob")
        .store_base_path_info(true)
        .notify(Notify::Failures)
        .extra("of_tomorrow", json!({"a": [1, null]}));
    data.push(
        TransferItem::new("/one", "/two")
            .recursive(false)
            .external_checksum("ab12")
            .checksum_algorithm("SHA256"),
    );
    data.push(TransferItem::new("/three/", "/four/").recursive(true));
    data.add_filter_rule(FilterRule::exclude("*.tmp"));
    data.add_filter_rule(FilterRule::include("*.h5").files());
    data
}

fn whole_deletion() -> DeleteData {
    DeleteData::new(A)
        .submission_id(C)
        .label("clean up")
        .recursive(true)
        .ignore_missing(true)
        .interpret_globs(false)
        .local_user("ada")
        .notify(Notify::None)
        .with_items(["/~/runs/6/", "/ü"])
}

fn filter() -> Filter {
    Filter::new().field("name", "~*.csv").field("size", ">4")
}

cases! { clients;
    "transfer.get_endpoint" => clients.transfer.get_endpoint(A),
    "transfer.endpoint_search" => clients.transfer.endpoint_search().filter_fulltext("genome lab"),
    "transfer.endpoint_search.everything" => clients
        .transfer
        .endpoint_search()
        .filter_fulltext("a+b&c=ü")
        .filter_scope(SearchScope::AdministeredByMe)
        .filter_owner_id(B)
        .filter_host_endpoint(C)
        .filter_non_functional(false)
        .filter_entity_type(EntityType::GcsMappedCollection)
        .limit(5)
        .offset(10),
    "transfer.operation_ls" => clients.transfer.operation_ls(A),
    "transfer.operation_ls.everything" => clients
        .transfer
        .operation_ls(A)
        .path("/~/größe 1/100%/a+b")
        .show_hidden(false)
        .orderby(["size DESC", "name"])
        .limit(5)
        .offset(10)
        .filter(filter())
        .local_user("ada"),
    "transfer.operation_ls.filters" => clients.transfer.operation_ls(A).filter(["name:a.txt", "type:dir"]),
    "transfer.operation_stat" => clients.transfer.operation_stat(A, "/~/größe 1/"),
    "transfer.operation_stat.everything" => clients.transfer.operation_stat(A, "/").local_user("ada"),
    "transfer.operation_mkdir" => clients.transfer.operation_mkdir(A, "/~/größe 1/"),
    "transfer.operation_mkdir.everything" => clients.transfer.operation_mkdir(A, "/new").local_user("ada"),
    "transfer.operation_rename" => clients.transfer.operation_rename(A, "/~/a b", "/~/\"c\""),
    "transfer.operation_rename.everything" => clients.transfer.operation_rename(A, "/a", "/b").local_user("ada"),
    "transfer.get_submission_id" => clients.transfer.get_submission_id(),
    "transfer.submit_transfer" => clients.transfer.submit_transfer(transfer()),
    "transfer.submit_transfer.everything" => clients.transfer.submit_transfer(whole_transfer()),
    "transfer.submit_delete" => clients.transfer.submit_delete(DeleteData::new(A).with_items(["/~/runs/6/"])),
    "transfer.submit_delete.everything" => clients.transfer.submit_delete(whole_deletion()),
    "transfer.get_task" => clients.transfer.get_task(A),
    "transfer.task_list" => clients.transfer.task_list(),
    "transfer.task_list.everything" => clients
        .transfer
        .task_list()
        .limit(5)
        .offset(10)
        .orderby(["request_time DESC", "label"])
        .filter(Filter::new().any_of("status", ["ACTIVE", "INACTIVE"]).field("label", "run 7")),
    "transfer.task_event_list" => clients.transfer.task_event_list(A),
    "transfer.task_event_list.everything" => {
        clients.transfer.task_event_list(A).limit(5).offset(10).filter("is_error:1")
    },
    "transfer.cancel_task" => clients.transfer.cancel_task(A),
    "transfer.update_task" => clients.transfer.update_task(A).label("größer"),
    "transfer.task_successful_transfers" => clients.transfer.task_successful_transfers(A),
    "transfer.task_successful_transfers.marker" => clients.transfer.task_successful_transfers(A).marker("a/b+c=="),
    "transfer.task_skipped_errors" => clients.transfer.task_skipped_errors(A),
    "transfer.task_skipped_errors.marker" => clients.transfer.task_skipped_errors(A).marker("a/b+c=="),
}
