//! The flows of Globus's documentation, run end to end over real directories.

use std::fs;

use globus_emulator::CollectionSetup;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{CLIENT, FLOWS, Server, bearer};
use crate::lab::{Lab, Made};

const TRANSFER: &str = "https://transfer.actions.globus.org";

/// An emulator with a mapped collection `a`, two that are somebody's own, and two guest collections on `a`:
/// `review`, of the client, and `inbox`, for everybody.
struct World {
    lab: Lab,
    directory: TempDir,
}

impl World {
    async fn start() -> World {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a/review", "a/inbox", "b", "c"] {
            fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        let path = |name: &str| directory.path().join(name);
        let server = Server::with(|builder| {
            let review = CollectionSetup::guest("review", "a", "/review/").owner(CLIENT);
            let inbox = CollectionSetup::guest("inbox", "a", "/inbox/").owner(CLIENT);
            builder
                .collection_with(CollectionSetup::mapped("a", path("a")))
                .collection("b", path("b"))
                .collection("c", path("c"))
                .collection_with(review)
                .collection_with(inbox.permission("all_authenticated_users", "/", "rw"))
        });
        let lab = Lab::of(server.await).await;
        World { lab, directory }
    }

    fn id(&self, name: &str) -> String {
        self.lab.server.emulator.collection_id(name).unwrap().to_string()
    }

    fn at(&self, collection: &str, path: &str) -> Value {
        json!({"id": self.id(collection), "path": path})
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.directory.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn is_there(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// Creates a flow, whose user consents to the data of the mapped collection.
    async fn flow(&self, start: &str, states: Value) -> Made {
        let made = self.lab.flow(start, states).await;
        let token = self.lab.token_for(&self.scope_with_data(&made).await).await;
        Made { id: made.id, token }
    }

    async fn scope_with_data(&self, flow: &Made) -> String {
        let shown =
            self.lab.server.get_with(&format!("/flows/flows/{}", flow.id), &self.lab.token).await.expect(200);
        let (scope, data) = (shown["globus_auth_scope"].as_str().unwrap(), self.id("a"));
        format!(
            "{scope}[urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/{data}/data_access]]"
        )
    }
}

fn act(name: &str, parameters: &Value, result: &str, next: &str) -> Value {
    json!({"Type": "Action", "ActionUrl": format!("{TRANSFER}/{name}"), "WaitTime": 172_800, "Parameters": parameters,
        "ResultPath": format!("$.{result}"), "Next": next})
}

fn copy(result: &str, next: &str, item: &Value) -> Value {
    act(
        "transfer",
        &json!({"source_endpoint.$": "$.source.id", "destination_endpoint.$": "$.destination.id", "DATA": [item]}),
        result,
        next,
    )
}

fn stat(place: &str, result: &str, next: &str) -> Value {
    act(
        "stat",
        &json!({"endpoint_id.$": format!("$.{place}.id"), "path.$": format!("$.{place}.path")}),
        result,
        next,
    )
}

#[tokio::test]
async fn simple_transfer() {
    let world = World::start().await;
    world.write("a/in/one.txt", "one");
    world.write("a/in/deep/two.txt", "two");
    let flow = world
        .flow("Copy", json!({"Copy": {"Type": "Action", "ActionUrl": format!("{TRANSFER}/transfer"), "WaitTime": 900,
            "Parameters": {"source_endpoint.$": "$.source.id", "destination_endpoint.$": "$.destination.id",
                "DATA": [{"source_path.$": "$.source.path", "destination_path.$": "$.destination.path"}]}, "End": true}}))
        .await;
    let input = json!({"source": world.at("a", "/in/"), "destination": world.at("b", "/out/")});
    let output = world.lab.output(&flow, input).await;
    assert_eq!(
        (output["status"].as_str(), output["details"]["DATA_TYPE"].as_str()),
        (Some("SUCCEEDED"), Some("task"))
    );
    assert!(output["details"]["label"].as_str().unwrap().starts_with("For Action id "));
    assert_eq!(
        (world.read("b/out/one.txt"), world.read("b/out/deep/two.txt")),
        ("one".to_owned(), "two".to_owned())
    );
    // What Transfer does not take ends the run, with what Transfer said.
    let input = json!({"source": {"id": "0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f", "path": "/x"}, "destination": world.at("b", "/x")});
    let failed = world.lab.run(&flow, input).await;
    let cause = failed["details"]["details"]["cause"].as_str().unwrap();
    assert!(failed["status"] == "FAILED" && cause.contains("EndpointNotFound"), "{failed:#}");
}

#[tokio::test]
async fn a_transfer_waits_for_the_consent_that_it_lacks() {
    let world = World::start().await;
    world.write("a/in.txt", "in");
    let states = json!({"Copy": {"Type": "Action", "ActionUrl": format!("{TRANSFER}/transfer"), "End": true,
        "Parameters": {"source_endpoint.$": "$.source.id", "destination_endpoint.$": "$.destination.id",
            "DATA": [{"source_path.$": "$.source.path", "destination_path.$": "$.destination.path"}]}}});
    let flow = world.lab.flow("Copy", states).await;
    let input = json!({"source": world.at("a", "/in.txt"), "destination": world.at("b", "/out.txt")});
    let run = world.lab.start_run(&flow, input).await;
    let inactive = world.lab.until(&run, &["INACTIVE", "FAILED", "SUCCEEDED"]).await;
    let details = &inactive["details"];
    assert_eq!(
        (&inactive["status"], &details["code"]),
        (&json!("INACTIVE"), &json!("ConsentRequired")),
        "{inactive:#}"
    );
    assert_eq!(details["action_statuses"][0]["status"], "INACTIVE");
    // The scope is what a client has to ask for, word by word.
    let required = details["required_scope"].as_str().unwrap();
    assert_eq!(required, world.scope_with_data(&flow).await);
    let token = world.lab.token_for(required).await;
    world.lab.post(&format!("/flows/runs/{run}/resume"), &token).await.expect(200);
    let codes = world.lab.codes(&run).await;
    assert_eq!(codes[..4], ["FlowStarted", "ActionStarted", "ActionInactive", "FlowInactive"]);
    let done = world.lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(done["status"], "SUCCEEDED", "{done:#}");
    assert_eq!(world.read("b/out.txt"), "in");
}

fn move_states() -> Value {
    json!({
        "SrcStat": stat("source", "SrcStat", "DstStat"),
        "DstStat": stat("destination", "DstStat", "Types"),
        "Types": {"Type": "ExpressionEval", "ResultPath": "$.Types", "Next": "Decide", "Parameters": {
            "src_dir.=": "SrcStat.details.type == 'dir'",
            "dst_dir.=": "'type' in DstStat.details and DstStat.details.type == 'dir'",
            "dst_there.=": "'code' not in DstStat.details or DstStat.details.code != 'NotFound'"}},
        "Decide": {"Type": "Choice", "Default": "SamePath", "Choices": [
            {"Variable": "$.Types.dst_there", "BooleanEquals": false, "Next": "SamePath"},
            {"And": [{"Variable": "$.Types.src_dir", "BooleanEquals": true}, {"Variable": "$.Types.dst_dir", "BooleanEquals": false}],
                "Next": "Refuse"},
            {"And": [{"Variable": "$.Types.src_dir", "BooleanEquals": false}, {"Variable": "$.Types.dst_dir", "BooleanEquals": true}],
                "Next": "Under"}]},
        "Under": {"Type": "ExpressionEval", "Parameters": {"path.=": "destination.path + source.path.rpartition('/')[2]"},
            "ResultPath": "$.Dest", "Next": "Copy"},
        "SamePath": {"Type": "ExpressionEval", "Parameters": {"path.$": "$.destination.path"}, "ResultPath": "$.Dest", "Next": "Copy"},
        "Copy": copy("Copied", "Remove", &json!({"source_path.$": "$.source.path", "destination_path.$": "$.Dest.path"})),
        "Remove": act("delete", &json!({"endpoint.$": "$.source.id", "recursive": true, "DATA": [{"path.$": "$.source.path"}]}),
            "Removed", "Done"),
        "Refuse": {"Type": "Fail", "Cause": "DirOntoFile", "Error": "cannot move a directory onto a file"},
        "Done": {"Type": "Pass", "Parameters": {"message": "moved"}, "ResultPath": "$.FlowResult", "End": true}})
}

#[tokio::test]
async fn move_files_and_directories() {
    let world = World::start().await;
    let flow = world.flow("SrcStat", move_states()).await;
    let input =
        |from: &str, to: &str| json!({"source": world.at("a", from), "destination": world.at("b", to)});

    world.write("a/dir/x.txt", "x");
    let output = world.lab.output(&flow, input("/dir/", "/moved/")).await;
    assert_eq!(output["FlowResult"], json!({"message": "moved"}));
    assert_eq!(world.read("b/moved/x.txt"), "x");
    assert!(!world.is_there("a/dir"));

    // A file into a directory that is there.
    world.write("a/file.txt", "f");
    world.lab.output(&flow, input("/file.txt", "/moved/")).await;
    assert_eq!(world.read("b/moved/file.txt"), "f");
    assert!(!world.is_there("a/file.txt"));

    // A directory onto a file.
    world.write("a/again/y.txt", "y");
    let failed = world.lab.run(&flow, input("/again/", "/moved/file.txt")).await;
    assert_eq!(failed["details"]["details"]["cause"], "DirOntoFile");
    assert!(world.is_there("a/again/y.txt"));
}

#[tokio::test]
async fn two_stages() {
    let world = World::start().await;
    let flow = world
        .flow("S", json!({
            "S": stat("source", "S", "I"),
            "I": stat("intermediate", "I", "D"),
            "D": stat("destination", "D", "Types"),
            "Types": {"Type": "ExpressionEval", "ResultPath": "$.Types", "Next": "Decide", "Parameters": {
                "src_dir.=": "S.details.type == 'dir'", "mid_dir.=": "'type' in I.details and I.details.type == 'dir'",
                "dst_dir.=": "'type' in D.details and D.details.type == 'dir'",
                "dst_there.=": "'code' not in D.details or D.details.code != 'NotFound'",
                "is_home.=": "source.path == '/~/'", "is_root.=": "source.path == '/'"}},
            "Decide": {"Type": "Choice", "Default": "Name", "Choices": [
                {"Variable": "$.Types.mid_dir", "BooleanEquals": false, "Next": "FailMid"},
                {"Variable": "$.Types.dst_there", "BooleanEquals": false, "Next": "Name"},
                {"And": [{"Variable": "$.Types.src_dir", "BooleanEquals": true}, {"Variable": "$.Types.dst_dir", "BooleanEquals": false}], "Next": "FailKind"},
                {"And": [{"Variable": "$.Types.src_dir", "BooleanEquals": false}, {"Variable": "$.Types.dst_dir", "BooleanEquals": true}], "Next": "FailKind"}]},
            "Name": {"Type": "ExpressionEval", "ResultPath": "$.Name", "Next": "Paths", "Parameters": {
                "basename.=": "source.path.rpartition('/')[2] if not Types.src_dir else 'DEFAULT' if Types.is_home else 'ROOT' if Types.is_root else source.path.split('/')[-2]"}},
            "Paths": {"Type": "ExpressionEval", "ResultPath": "$.P", "Next": "Mk", "Parameters": {
                "dir.=": "intermediate.path.rstrip('/') + '/' + _context.run_id + '/'",
                "file.=": "intermediate.path.rstrip('/') + '/' + _context.run_id + '/' + Name.basename"}},
            "Mk": act("mkdir", &json!({"endpoint_id.$": "$.intermediate.id", "path.$": "$.P.dir"}), "Mk", "Hop1"),
            "Hop1": act("transfer", &json!({"source_endpoint.$": "$.source.id", "destination_endpoint.$": "$.intermediate.id",
                "DATA": [{"source_path.$": "$.source.path", "destination_path.$": "$.P.file"}]}), "H1", "Hop2"),
            "Hop2": act("transfer", &json!({"source_endpoint.$": "$.intermediate.id", "destination_endpoint.$": "$.destination.id",
                "DATA": [{"source_path.$": "$.P.file", "destination_path.$": "$.destination.path"}]}), "H2", "Clean"),
            "Clean": act("delete", &json!({"endpoint.$": "$.intermediate.id", "recursive": true, "DATA": [{"path.$": "$.P.dir"}]}), "C", "Done"),
            "Done": {"Type": "Pass", "End": true},
            "FailMid": {"Type": "Fail", "Error": "NoIntermediate"},
            "FailKind": {"Type": "Fail", "Error": "KindsDiffer"}}))
        .await;
    world.write("a/set/1.txt", "1");
    world.write("a/set/deep/2.txt", "2");
    fs::create_dir(world.path("b/stage")).unwrap();
    let input = |mid: &str| json!({"source": world.at("a", "/set/"), "intermediate": world.at("b", mid), "destination": world.at("c", "/result/")});
    let output = world.lab.output(&flow, input("/stage/")).await;
    assert_eq!(output["Name"]["basename"], "set");
    assert_eq!(
        (world.read("c/result/1.txt"), world.read("c/result/deep/2.txt")),
        ("1".to_owned(), "2".to_owned())
    );
    assert_eq!(fs::read_dir(world.path("b/stage")).unwrap().count(), 0, "the stage is left clean");
    let failed = world.lab.run(&flow, input("/nowhere/")).await;
    assert_eq!(failed["details"]["details"]["error"], "NoIntermediate");
}

#[tokio::test]
async fn looping_batched_move() {
    let world = World::start().await;
    for number in 0..7 {
        world.write(&format!("a/many/f{number}.txt"), &number.to_string());
    }
    world.write("a/many/sub/deep.txt", "deep");
    let prepare = |next: &str, items: &str| json!({"Type": "ExpressionEval", "ResultPath": "$.batch", "Next": next, "Parameters": {"items.=": items}});
    let flow = world
        .flow("List", json!({
            "List": act("ls", &json!({"endpoint_id.$": "$.source.id", "path.$": "$.source.path", "limit": 3}), "ls", "Empty"),
            "Empty": {"Type": "Choice", "Choices": [{"Variable": "$.ls.details.total", "NumericEquals": 0, "Next": "Stop"}], "Default": "PrepCopy"},
            "PrepCopy": prepare("Copy", "[{'source_path': source.path.rstrip('/') + '/' + f.name, 'destination_path': destination.path.rstrip('/') + '/' + f.name} for f in ls.details.DATA]"),
            "Copy": act("transfer", &json!({"source_endpoint.$": "$.source.id", "destination_endpoint.$": "$.destination.id", "DATA.$": "$.batch.items"}), "copied", "PrepRm"),
            "PrepRm": prepare("Rm", "[{'path': source.path.rstrip('/') + '/' + f.name} for f in ls.details.DATA]"),
            "Rm": act("delete", &json!({"endpoint.$": "$.source.id", "DATA.$": "$.batch.items"}), "removed", "List"),
            "Stop": {"Type": "Pass", "End": true}}))
        .await;
    let input = json!({"source": world.at("a", "/many/"), "destination": world.at("b", "/all/")});
    let run = world.lab.run(&flow, input).await;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(fs::read_dir(world.path("a/many")).unwrap().count(), 0);
    assert_eq!(
        (world.read("b/all/f6.txt"), world.read("b/all/sub/deep.txt")),
        ("6".to_owned(), "deep".to_owned())
    );
    let rounds = world.lab.log(run["run_id"].as_str().unwrap()).await;
    let listed = rounds
        .iter()
        .filter(|entry| entry["details"]["state_name"] == "List" && entry["code"] == "ActionStarted");
    assert_eq!(listed.count(), 4, "3 + 3 + 2, and the empty one");
}

#[tokio::test]
async fn transfer_and_share() {
    let world = World::start().await;
    world.write("b/set/x.txt", "x");
    let flow = world
        .flow("Info", json!({
            "Info": act("collection_info", &json!({"endpoint_id.$": "$.destination.id"}), "Info", "IsGuest"),
            "IsGuest": {"Type": "Choice", "Default": "NotGuest", "Choices": [{"Or": [
                {"Variable": "$.Info.details.entity_type", "StringEquals": "GCP_guest_collection"},
                {"Variable": "$.Info.details.entity_type", "StringEquals": "GCSv5_guest_collection"}], "Next": "Copy"}]},
            "Copy": copy("Copy", "Grant", &json!({"DATA_TYPE": "transfer_item", "source_path.$": "$.source.path",
                "destination_path.$": "$.destination.path"})),
            "Grant": {"Type": "Action", "ActionUrl": format!("{TRANSFER}/manage_permission"), "ResultPath": "$.Grant", "End": true,
                "Parameters": {"operation": "CREATE", "endpoint_id.$": "$.destination.id", "path.$": "$.destination.path",
                    "permissions": "r", "principal_type.$": "$.principal.type", "principal.$": "$.principal.id"}},
            "NotGuest": {"Type": "Fail", "Cause": "NotAGuestCollection", "Error": "destination must be a guest collection"}}))
        .await;
    let principal = json!({"type": "identity", "id": "0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f"});
    let input = |to: &str| json!({"source": world.at("b", "/set/"), "destination": world.at(to, "/shared/"), "principal": principal});
    let output = world.lab.output(&flow, input("review")).await;
    assert_eq!(world.read("a/review/shared/x.txt"), "x");
    assert_eq!(output["Grant"]["details"]["code"], "Created", "{output:#}");
    let rules = format!("/transfer/v0.10/endpoint/{}/access_list", world.id("review"));
    let transfer = world.lab.token_for("urn:globus:auth:scope:transfer.api.globus.org:all").await;
    let rules = world.lab.server.get_with(&rules, &transfer).await.expect(200);
    let granted = rules["DATA"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["id"] == output["Grant"]["details"]["access_id"]);
    let granted = granted.unwrap();
    assert_eq!(
        (&granted["principal"], &granted["path"], &granted["permissions"]),
        (&principal["id"], &json!("/shared/"), &json!("r"))
    );
    let failed = world.lab.run(&flow, input("c")).await;
    assert_eq!(failed["details"]["details"]["cause"], "NotAGuestCollection");
}

/// The whole flow, as it is documented: the move is done by the flow itself, with a permission for that time only.
fn approval_states(inbox: &str) -> Value {
    let copied = |more: Value| {
        let mut given = json!({"reviewers.$": "$._private_state.reviewers", "loop_index.$": "$._private_state.loop_index",
            "loop_end.$": "$._private_state.loop_end", "__Private_Parameters": ["reviewers"]});
        let given_members = given.as_object_mut().unwrap();
        for (name, value) in more.as_object().unwrap() {
            given_members.remove(&format!("{}.$", name.trim_end_matches(".=")));
            given_members.insert(name.clone(), value.clone());
        }
        given
    };
    let url = |word: &str| {
        format!(
            "'https://actions.globus.org/weboption/option/' + _context.run_id + '-' + _private_state.reviewers[_private_state.loop_index].random_id + '-{word}'"
        )
    };
    let permission = |parameters: Value, result: &str, next: &str| {
        let mut parameters = parameters;
        parameters["endpoint_id.$"] = "$.source.id".into();
        act("manage_permission", &parameters, result, next)
    };
    json!({
        "Info": act("collection_info", &json!({"endpoint_id.$": "$.source.id"}), "info", "CheckType"),
        "CheckType": {"Type": "Choice", "Default": "NotAGuest", "Choices": [
            {"Variable": "$.info.details.entity_type", "StringEquals": "GCSv5_guest_collection", "Next": "Stat"}]},
        "NotAGuest": {"Type": "Fail", "Error": "NotAGuest"},
        "Stat": stat("source", "stat", "CheckFile"),
        "CheckFile": {"Type": "Choice", "Choices": [{"Variable": "$.stat.details.type", "StringEquals": "file", "Next": "Setup"}], "Default": "NotAFile"},
        "NotAFile": {"Type": "Fail", "Error": "NotAFile"},
        "Setup": {"Type": "Pass", "ResultPath": "$._private_state", "Next": "Mail", "Parameters": {"loop_index": 0, "loop_end": 2,
            "reviewers": [{"email": "one@example.org", "random_id": "r1"}, {"email": "two@example.org", "random_id": "r2"}],
            "__Private_Parameters": ["reviewers"]}},
        "Mail": {"Type": "Action", "ActionUrl": "https://actions.globus.org/notification/notify", "ResultPath": "$._private_email_result",
            "Next": "Incr", "Parameters": {
                "destination.=": "_private_state.reviewers[_private_state.loop_index].email", "subject": "Please review",
                "body_template": "Yes: $yes No: $no", "body_variables": {"yes.=": url("approve"), "no.=": url("reject")},
                "__Private_Parameters": ["destination", "body_variables"]}},
        "Incr": {"Type": "ExpressionEval", "ResultPath": "$._private_state", "Next": "More",
            "Parameters": copied(json!({"loop_index.=": "_private_state.loop_index + 1"}))},
        "More": {"Type": "Choice", "Default": "Opts", "Choices": [
            {"Variable": "$._private_state.loop_index", "NumericLessThanPath": "$._private_state.loop_end", "Next": "Mail"}]},
        "Opts": {"Type": "ExpressionEval", "ResultPath": "$._private_state", "Next": "Ask", "Parameters": {
            "__Private_Parameters": ["options"],
            "options.=": "[{'name': w, 'url_suffix': _context.run_id + '-' + r.random_id + '-' + w} for r in _private_state.reviewers for w in ['approve', 'reject']]"}},
        "Ask": {"Type": "Action", "ActionUrl": "https://actions.globus.org/weboption/wait_for_option", "WaitTime": 604_800,
            "Parameters": {"options.$": "$._private_state.options", "__Private_Parameters": ["options"]},
            "ResultPath": "$._private_judgement", "Next": "Outcome"},
        "Outcome": {"Type": "Choice", "Default": "Rejected", "Choices": [
            {"Variable": "$._private_judgement.details.name", "StringEquals": "approve", "Next": "Perms"}]},
        "Perms": permission(json!({"operation": "LIST"}), "permission_list", "Calc"),
        "Calc": {"Type": "ExpressionEval", "ResultPath": "$.permission_judgement", "Next": "Need", "Parameters": {
            "access_id.=": "([p['id'] for p in permission_list.details.DATA if p['principal'] == _context.flow_id and p['principal_type'] == 'identity' and p['path'] == source.path.rsplit('/', 1)[0] + '/'] or [''])[0]"}},
        "Need": {"Type": "Choice", "Default": "Move", "Choices": [
            {"Variable": "$.permission_judgement.access_id", "StringEquals": "", "Next": "Grant"}]},
        "Grant": permission(json!({"operation": "CREATE", "permissions": "r", "principal_type": "identity", "principal.$": "$._context.flow_id",
            "path.=": "source.path.rsplit('/', 1)[0] + '/'"}), "permission_creation", "Move"),
        "Move": {"Type": "Action", "ActionUrl": format!("{TRANSFER}/transfer"), "RunAs": "Flow", "WaitTime": 900, "ResultPath": "$.moved",
            "Next": "Revoke", "Parameters": {"source_endpoint.$": "$.source.id", "destination_endpoint": inbox, "DATA": [
                {"source_path.$": "$.source.path", "destination_path.=": "'/Inbox/' + _context.user_id.split(':')[-1] + '-' + stat.details.name"}]}},
        "Revoke": permission(json!({"operation": "DELETE",
            "rule_id.=": "permission_judgement.access_id or permission_creation.details.access_id"}), "revoked", "Accepted"),
        "Accepted": {"Type": "Pass", "Parameters": {"outcome": "accepted"}, "ResultPath": "$.result", "End": true},
        "Rejected": {"Type": "Pass", "Parameters": {"outcome": "rejected"}, "ResultPath": "$.result", "End": true}})
}

#[tokio::test]
async fn transfer_after_approval() {
    let world = World::start().await;
    world.write("a/review/papers/paper.txt", "text");
    let flow = world.flow("Info", approval_states(&world.id("inbox"))).await;
    for (word, outcome) in [("reject", "rejected"), ("approve", "accepted")] {
        let input = json!({"source": world.at("review", "/papers/paper.txt")});
        let run = world.lab.start_run(&flow, input).await;
        while world.lab.codes(&run).await.iter().filter(|code| *code == "ActionStarted").count() < 5 {
            assert_ne!(world.lab.show(&run).await["status"], "FAILED", "{:#}", world.lab.show(&run).await);
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let mails = world.lab.server.get("/_emulator/outbox").await.expect(200)["mails"].clone();
        let mail = mails.as_array().unwrap().last().unwrap();
        assert_eq!(mail["to"], "two@example.org");
        // The second reviewer opens the link of the mail, at the emulator.
        let start = if word == "approve" { "Yes: " } else { "No: " };
        let body = mail["body"].as_str().unwrap();
        let link = body.split(start).nth(1).unwrap().split(' ').next().unwrap();
        let path = link.strip_prefix("https://actions.globus.org").unwrap();
        let mut reply = world.lab.server.get(&format!("/actions{path}")).await;
        while reply.status == 404 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            reply = world.lab.server.get(&format!("/actions{path}")).await;
        }
        assert_eq!(reply.status, 200);
        assert_eq!(
            world.lab.server.get(&format!("/actions{path}")).await.status,
            404,
            "a choice is made once"
        );
        let done = world.lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
        assert_eq!(done["details"]["output"]["result"]["outcome"], outcome, "{done:#}");
        let arrived = fs::read_dir(world.path("a/inbox/Inbox")).map_or(0, Iterator::count);
        assert_eq!(arrived, usize::from(word == "approve"));
        let log = json!(world.lab.log(&run).await).to_string();
        assert!(!log.contains("example.org"), "reviewers are private: {log}");
    }
    assert_eq!(world.read(&format!("a/inbox/Inbox/{CLIENT}-paper.txt")), "text");
    // The permission of the flow is gone again.
    let rules = format!("/transfer/v0.10/endpoint/{}/access_list", world.id("review"));
    let transfer = world.lab.token_for("urn:globus:auth:scope:transfer.api.globus.org:all").await;
    let rules = world.lab.server.get_with(&rules, &transfer).await.expect(200);
    assert!(!rules.to_string().contains(&flow.id), "{rules}");
}

/// A transfer that somebody of a group has to sign off, with the whole document of the file manager as its input.
#[tokio::test]
async fn a_transfer_that_is_signed_off() {
    let world = World::start().await;
    let lab = &world.lab;
    let group = "0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f";
    let seed =
        json!({"groups": [{"id": group, "name": "Keepers", "members": ["demo@emulator.example.org"]}]});
    lab.server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let row = |field: &str, value: &str| json!({"Field": field, "Value.=": value});
    let flow = lab
        .flow("Look", json!({
            "Look": act("collection_info", &json!({"endpoint_id.$": "$.settings.source_endpoint"}), "from", "Ask"),
            "Ask": {"Type": "CreateWebInput", "ResultPath": "$.question", "Next": "Answer", "Parameters": {
                "InputType": "Selection",
                "Context": {"PresentationStyle": "Table", "Title": "May this be copied?", "Rows": [
                    row("Who", "(`$._context.email` or `$._context.username`) + ' (' + `$._context.user_id` + ')'"),
                    row("From", "`$.from.details.display_name` + ' (' + `$.settings.source_endpoint` + ')'"),
                    row("How many", "str(len(`$.settings.DATA`))"),
                    row("The first", "`$.settings.DATA[0].source_path` + ' -> ' + `$.settings.DATA[0].destination_path`")]},
                "Options": [{"Value": "yes", "Label": "✅ Yes", "Description": "Copy it."},
                    {"Value": "no", "Label": "❌ No", "Description": "Leave it."}],
                // The service's own examples write groups so.
                "RespondentUrns": [format!("urn:globus:group:id:{group}")]}},
            "Answer": {"Type": "AwaitWebInput", "Parameters": {"web_input_id.$": "$.question.web_input_id"},
                "ResultPath": "$.answer", "Next": "Judge"},
            "Judge": {"Type": "Choice", "Default": "Refused", "Choices": [
                {"Variable": "$.answer.response", "StringEquals": "yes", "Next": "Copy"}]},
            "Refused": {"Type": "Fail", "Cause": "nobody wanted it"},
            "Copy": {"Type": "Action", "ActionUrl": format!("{TRANSFER}/transfer"), "InputPath": "$.settings", "End": true}}))
        .await;
    world.write("b/in.txt", "in");
    let settings = json!({
        "DATA": [{"DATA_TYPE": "transfer_item", "source_path": "/in.txt", "destination_path": "/out.txt", "recursive": false}],
        "source_endpoint": world.id("b"), "destination_endpoint": world.id("c"), "delete_destination_extra": false,
        "encrypt_data": false, "fail_on_quota_errors": false, "label": "b to c", "preserve_timestamp": false,
        "skip_source_errors": false, "verify_checksum": true, "notify_on_succeeded": true, "notify_on_failed": true,
        "notify_on_inactive": true, "store_base_path_info": true});
    let login = lab.server.login(FLOWS, "online").await;
    let keeper = bearer(login["access_token"].as_str().unwrap());
    for (option, status) in [(1, "FAILED"), (0, "SUCCEEDED")] {
        let run = lab.start_run(&flow, json!({"settings": settings})).await;
        let id = loop {
            let shown = lab.show(&run).await;
            assert_eq!(shown["status"], "ACTIVE", "{shown:#}");
            match shown["blocking_web_input_id"].as_str() {
                Some(id) => break id.to_owned(),
                None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            }
        };
        let path = format!("/flows/web_inputs/{id}");
        let question = lab.server.get_with(&path, &keeper).await.expect(200);
        let values: Vec<&str> = question["context"]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["value"].as_str().unwrap())
            .collect();
        assert!(values[0].contains("(urn:globus:auth:identity:"), "{values:?}");
        assert_eq!(values[1..], [&format!("b ({})", world.id("b")), "1", "/in.txt -> /out.txt"]);
        let answer = json!({"response": {"value": question["options"][option]["option_id"]}});
        lab.server.json("POST", &format!("{path}/respond"), &keeper, &answer).await.expect(200);
        let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
        assert_eq!(done["status"], status, "{done:#}");
        assert_eq!(world.is_there("c/out.txt"), status == "SUCCEEDED");
    }
}
