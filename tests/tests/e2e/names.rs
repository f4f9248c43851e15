//! Names that programs get wrong: one table of them goes through every operation.

use std::{collections::BTreeSet, fs, time::Duration};

use globus::{
    core::Error,
    prelude::*,
    transfer::{
        CollectionPath,
        access::NewAccessRule,
        bookmarks::NewBookmark,
        collections::NewSharedEndpoint,
        https::CollectionFiles,
        submit::{ItemList, ItemListError},
    },
};
use globus_emulator::CollectionSetup;

use crate::lab::{Lab, tree};

const NAMES: [&str; 21] = [
    "a b",
    " both ends ",
    "it's",
    "\"quoted\"",
    "\u{e9}t\u{e9}",
    "e\u{301}te\u{301}",
    "漢字 ✓",
    "100%",
    "%20",
    "#1",
    "what?",
    "a+b=c&d",
    "-rf",
    "back\\slash",
    "semi;colon:comma,*~",
    ".hidden",
    "two\nlines",
    "\nlines around\n",
    "carriage\rreturn",
    "tab\tand\u{7f}",
    "Header: x\nFile: y\nServer: z",
];

/// Numbers the names: each is in a directory of its own, so that none can be taken for another.
fn numbered() -> impl Iterator<Item = (usize, &'static str)> {
    NAMES.into_iter().enumerate()
}

/// Files of all names, each in a directory of its name, below `raw` of the laptop.
fn write_all(lab: &Lab) {
    for (number, name) in numbered() {
        lab.write(&format!("raw/{number}/{name}/{name}"), name);
    }
}

/// What is below a directory of the archive has to be what is below `raw`.
fn arrived(lab: &Lab, directory: &str) {
    assert!(
        tree(&lab.laptop_path("raw")) == tree(&lab.archive_path(directory)),
        "{directory}: {:?}",
        tree(&lab.archive_path(directory))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_every_small_operation() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    for (number, name) in numbered() {
        fs::create_dir(lab.laptop_path(&number.to_string())).unwrap();
        let (made, renamed) = (format!("/{number}/{name}"), format!("/{number}/{name}.{name}"));
        assert!(!transfer.exists(laptop, &made).await.unwrap(), "{name:?}");
        transfer.operation_mkdir(laptop, &*made).send().await.unwrap();
        assert!(lab.laptop_path(&made[1..]).is_dir(), "{name:?}");
        assert!(transfer.exists(laptop, &made).await.unwrap(), "{name:?}");
        assert_eq!(transfer.operation_stat(laptop, &*made).send().await.unwrap().name, *name);
        let again = transfer.operation_mkdir(laptop, &*made).send().await.unwrap_err();
        assert!(
            again.is_code("ExternalError.MkdirFailed.Exists") && !again.to_string().contains('\n'),
            "{again}"
        );
        transfer.operation_rename(laptop, &*made, &*renamed).send().await.unwrap();
        assert!(lab.laptop_path(&renamed[1..]).is_dir() && !lab.laptop_path(&made[1..]).exists(), "{name:?}");

        let deep = format!("{renamed}/{name}/{name}");
        assert_eq!(
            transfer.mkdir_all(laptop, &deep).await.unwrap(),
            [format!("{renamed}/{name}/"), deep.clone()]
        );
        fs::write(lab.laptop_path(&format!("{}/{name}", &deep[1..])), name).unwrap();
        let listed = transfer.operation_ls(laptop).path(&*deep).send().await.unwrap();
        assert_eq!(listed.path.as_deref(), Some(format!("{deep}/").as_str()));
        let listed: Vec<_> = listed.data.into_iter().map(|entry| entry.name).collect();
        assert_eq!(listed, [name]);

        let place = CollectionPath::new(laptop, format!("{deep}/{name}")).unwrap();
        let url = place.to_string();
        assert!(url.chars().all(|character| character.is_ascii_graphic()), "{url}");
        let read: CollectionPath = url.parse().unwrap();
        assert_eq!((&read, read.file_name()), (&place, Some(name)));
        let found = transfer.stat(read.collection(), read.path()).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.size), (name, Some(name.len() as u64)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_tasks() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    write_all(&lab);
    // All of them as single files, as directories, and found in a directory.
    let mut data = lab.data([("/raw/", "/all/")]).store_base_path_info(true);
    for (number, name) in numbered() {
        data.add_item(format!("/raw/{number}/{name}/{name}"), format!("/one/{number}/{name}/{name}"));
        data.add_item(format!("/raw/{number}/{name}/"), format!("/tree/{number}/{name}/"));
    }
    let submitted = transfer.submit_transfer(data).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    for directory in ["one", "tree", "all"] {
        arrived(&lab, directory);
    }
    let copied = transfer.task_successful_transfers(submitted.task_id).items().try_collect().await.unwrap();
    let told: BTreeSet<_> = copied.into_iter().filter_map(|copy| copy.destination_path).collect();
    for (number, name) in numbered() {
        for directory in ["one", "tree", "all"] {
            let path = format!("/{directory}/{number}/{name}/{name}");
            assert!(told.contains(&path), "{path:?} is not among {told:?}");
        }
    }

    let paths = numbered().map(|(number, name)| format!("/raw/{number}/{name}"));
    let deletion = DeleteData::new(laptop).recursive(true).with_items(paths);
    let submitted = transfer.submit_delete(deletion).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    for (number, name) in numbered() {
        let left = fs::read_dir(lab.laptop_path(&format!("raw/{number}"))).unwrap().count();
        assert_eq!(left, 0, "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_walks_and_lists_of_files() {
    let lab = Lab::open().await;
    write_all(&lab);
    let (found, failed) = lab.transfer.walk(lab.laptop(), "/raw").start().collect().await;
    assert!(failed.is_empty(), "{failed:?}");
    let paths: Vec<_> =
        found.into_iter().filter(|found| !found.entry.is_dir()).map(|found| found.path).collect();
    let names: Vec<_> = paths.iter().map(|path| path.strip_prefix("/raw/").unwrap()).collect();
    let expected = tree(&lab.laptop_path("raw"));
    let sorted: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(sorted, expected.iter().map(|(path, _)| path.as_str()).collect());

    let json: String = names.iter().map(|name| serde_json::to_string(name).unwrap() + "\n").collect();
    let nul: String = names.join("\0");
    for (list, text, directory) in
        [(ItemList::json_lines(), &json, "/json/"), (ItemList::nul(), &nul, "/nul/")]
    {
        let mut data = TransferData::new(lab.laptop(), lab.archive());
        let list = list.source_base("/raw/").destination_base(directory);
        assert_eq!(data.add_item_list(list, text.as_bytes()).unwrap(), NAMES.len() as u64);
        let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
        lab.wait(submitted.task_id).send().await.unwrap();
        arrived(&lab, directory.trim_matches('/'));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_are_told_whole_when_they_are_missing() {
    let lab = Lab::open().await;
    let mut data = lab.data([]).skip_source_errors(true);
    for (number, name) in numbered() {
        data.add_item(format!("/gone/{number}/{name}"), format!("/x/{number}/{name}"));
    }
    let expected: BTreeSet<_> = numbered().map(|(number, name)| format!("/gone/{number}/{name}")).collect();
    let submitted = lab.transfer.submit_transfer(data.clone()).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    let skipped = lab.transfer.task_skipped_errors(submitted.task_id).items().try_collect().await.unwrap();
    let skipped: BTreeSet<_> = skipped.into_iter().filter_map(|one| one.source_path).collect();
    assert_eq!(skipped, expected);

    // Without skipping there is an event for each of them, and the task goes on trying.
    let submitted = lab.transfer.submit_transfer(data.skip_source_errors(false)).send().await.unwrap();
    let mut told = BTreeSet::new();
    for _ in 0..100 {
        let events = lab.transfer.task_event_list(submitted.task_id).limit(1000).send().await.unwrap().data;
        told = events.iter().filter_map(|event| Some(event.fault()?.path?.to_owned())).collect();
        if told.len() >= expected.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told, expected);
    lab.transfer.cancel_task(submitted.task_id).send().await.unwrap();
}

/// The way to the files of a collection over HTTPS.
async fn files(lab: &Lab, collection: CollectionId) -> CollectionFiles {
    let scope = lab.transfer.scope_for([collection]).await.unwrap();
    let transfer: TransferClient =
        lab.client(ClientCredentialsAuthorizer::new(lab.account(), scope).unwrap());
    let endpoint = transfer.get_endpoint(collection).send().await.unwrap();
    let token = ClientCredentialsAuthorizer::new(lab.account(), endpoint.https_scope()).unwrap();
    transfer.https(&endpoint, token).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_https() {
    let (storage, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = CollectionSetup::mapped("server", storage.path());
    let lab = Lab::with(|emulator| emulator.collection_with(server)).await;
    let files = files(&lab, lab.emulator.collection_id("server").unwrap().into()).await;
    for (number, name) in numbered() {
        fs::create_dir_all(storage.path().join(format!("{number}/{name}"))).unwrap();
        let path = format!("/{number}/{name}/{name}");
        files.put(&path, name.as_bytes().to_vec()).await.unwrap();
        assert_eq!(fs::read_to_string(storage.path().join(&path[1..])).unwrap(), *name);
        assert_eq!(files.head(&path).await.unwrap().size, Some(name.len() as u64), "{name:?}");
        let content = files.get(&path).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(content, name.as_bytes());
        let copy = here.path().join(name);
        files.download(&path, &copy).send().await.unwrap();
        files.upload(&copy, format!("{path}.again")).send().await.unwrap();
        assert_eq!(fs::read_to_string(storage.path().join(format!("{}.again", &path[1..]))).unwrap(), *name);
    }
    let report = files.download_tree("/", here.path().join("tree")).send().await.unwrap();
    assert_eq!((report.files, report.failed.len()), (2 * NAMES.len() as u64, 0), "{:?}", report.failed);
    assert!(tree(storage.path()) == tree(&here.path().join("tree")), "the copies differ");
    for (number, name) in numbered() {
        files.delete(format!("/{number}/{name}/{name}")).await.unwrap();
        assert!(!storage.path().join(format!("{number}/{name}/{name}")).exists(), "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_permissions_and_bookmarks() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    for (number, name) in numbered() {
        fs::create_dir_all(lab.laptop_path(&format!("{number}/{name}/{name}"))).unwrap();
        let host_path = format!("/{number}/{name}/");
        let guest = NewSharedEndpoint::new(laptop, &*host_path, format!("guest {number}"));
        let guest = transfer.create_shared_endpoint(guest).send().await.unwrap().id;
        assert_eq!(
            transfer.get_endpoint(guest).send().await.unwrap().host_path.as_deref(),
            Some(&*host_path)
        );
        let path = format!("/{name}/");
        let rule = NewAccessRule::for_all_authenticated_users(&*path, "r");
        let rule = transfer.add_endpoint_acl_rule(guest, rule).send().await.unwrap().access_id;
        assert_eq!(
            transfer.get_endpoint_acl_rule(guest, &rule).send().await.unwrap().path.as_ref(),
            Some(&path)
        );
        let listed = transfer.endpoint_acl_list(guest).send().await.unwrap().data;
        assert!(listed.iter().any(|rule| rule.path.as_ref() == Some(&path)), "{listed:?}");
        assert_eq!(
            transfer.operation_ls(guest).path(&*path).send().await.unwrap().path.as_ref(),
            Some(&path)
        );

        let bookmark = NewBookmark::new(format!("bookmark {number}"), guest, &*path);
        let bookmark = transfer.create_bookmark(bookmark).send().await.unwrap();
        let place = transfer.get_bookmark(bookmark.id).send().await.unwrap().place().unwrap();
        assert_eq!(place.path(), path);
        assert!(transfer.exists(place.collection(), place.path()).await.unwrap());
    }
}

/// CR LF ends the commands by which the service moves data, so it refuses paths with it, and nobody sends them. Files
/// that have it are listed, and copied with their directory.
#[tokio::test(flavor = "multi_thread")]
async fn cr_lf_is_refused_where_it_is_named_and_copied_where_it_is_found() {
    let lab = Lab::open().await;
    let name = "dos\r\nline";
    lab.write(&format!("notes/{name}"), name);
    let path = format!("/notes/{name}");
    let refused = lab.transfer.operation_stat(lab.laptop(), &*path).send().await.unwrap_err();
    assert!(refused.is_code("InvalidPath"), "{refused}");
    let refused = lab.transfer.operation_mkdir(lab.laptop(), format!("{path}.d")).send().await.unwrap_err();
    assert!(refused.is_code("InvalidPath"), "{refused}");
    let refused = lab.transfer.submit_transfer(lab.data([(&*path, "/x")])).send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(refused.to_string().ends_with("the source path has a CR LF at byte 10"), "{refused}");
    let refused = CollectionPath::new(lab.laptop(), &path).unwrap_err();
    assert!(!Error::from(refused).to_string().contains('\n'));
    let listed = format!("{path}\0");
    let refused = lab.data([]).add_item_list(ItemList::nul(), listed.as_bytes()).unwrap_err();
    assert!(matches!(&refused, ItemListError::BadLines(lines) if lines.count() == 1), "{refused}");

    let listed = lab.transfer.operation_ls(lab.laptop()).path("/notes/").send().await.unwrap();
    assert_eq!(listed.data.into_iter().map(|entry| entry.name).collect::<Vec<_>>(), [name]);
    let submitted = lab.transfer.submit_transfer(lab.data([("/notes/", "/notes/")])).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    assert_eq!(fs::read_to_string(lab.archive_path(&format!("notes/{name}"))).unwrap(), name);
}
