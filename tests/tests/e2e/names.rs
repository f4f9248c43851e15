//! Names that programs get wrong: they survive every operation.

use std::fs;

use globus::prelude::*;

use crate::lab::Lab;

const NAMES: [&str; 16] = [
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
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_survive_every_operation() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    for (number, name) in NAMES.iter().enumerate() {
        let (made, renamed) = (format!("/{number}/{name}"), format!("/{number}/{name}.{name}"));
        fs::create_dir(lab.laptop_path(&number.to_string())).unwrap();
        transfer.operation_mkdir(laptop, &*made).send().await.unwrap();
        assert!(lab.laptop_path(&made[1..]).is_dir(), "{name:?}");
        assert_eq!(transfer.operation_stat(laptop, &*made).send().await.unwrap().name, *name);
        transfer.operation_rename(laptop, &*made, &*renamed).send().await.unwrap();
        assert!(lab.laptop_path(&renamed[1..]).is_dir() && !lab.laptop_path(&made[1..]).exists(), "{name:?}");

        let inside = format!("{renamed}/{name}");
        fs::write(lab.laptop_path(&inside[1..]), name).unwrap();
        let listed = transfer.operation_ls(laptop).path(&*renamed).send().await.unwrap();
        assert_eq!(listed.path.as_deref(), Some(format!("{renamed}/").as_str()));
        let listed: Vec<_> = listed.data.into_iter().map(|entry| entry.name).collect();
        assert_eq!(listed, [*name]);
    }
    // All of them as single files, as directories, and found in a directory.
    let mut data = lab.data([("/", "/all/")]);
    for (number, name) in NAMES.iter().enumerate() {
        data.add_item(format!("/{number}/{name}.{name}/{name}"), format!("/one/{number}/{name}"));
        data.add_item(format!("/{number}/{name}.{name}/"), format!("/tree/{number}/{name}/"));
    }
    let submitted = transfer.submit_transfer(data).send().await.unwrap();
    let done = lab.wait(submitted.task_id).send().await.unwrap();
    assert_eq!(done.task.status, TaskStatus::Succeeded);
    for (number, name) in NAMES.iter().enumerate() {
        for place in [
            format!("one/{number}/{name}"),
            format!("tree/{number}/{name}/{name}"),
            format!("all/{number}/{name}.{name}/{name}"),
        ] {
            assert_eq!(
                fs::read_to_string(lab.archive_path(&place)).ok().as_deref(),
                Some(*name),
                "{place:?}"
            );
        }
    }
    let copied = transfer.task_successful_transfers(submitted.task_id).items().try_collect().await.unwrap();
    for (number, name) in NAMES.iter().enumerate() {
        let told = format!("/one/{number}/{name}");
        assert!(copied.iter().any(|copy| copy.destination_path.as_deref() == Some(&told)), "{told:?}");
    }

    let paths = NAMES.iter().enumerate().map(|(number, name)| format!("/{number}/{name}.{name}"));
    let deletion = DeleteData::new(laptop).recursive(true).with_items(paths);
    let submitted = transfer.submit_delete(deletion).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    for (number, name) in NAMES.iter().enumerate() {
        let left = fs::read_dir(lab.laptop_path(&number.to_string())).unwrap().count();
        assert_eq!(left, 0, "{name:?}");
    }
}

/// The service refuses line breaks in paths. Files that have them are listed, and copied with their directory.
#[tokio::test(flavor = "multi_thread")]
async fn line_breaks_are_refused_where_they_are_named_and_copied_where_they_are_found() {
    let lab = Lab::open().await;
    let names = ["one\ntwo", "carriage\rreturn", "both\r\n"];
    for name in names {
        lab.write(&format!("notes/{name}"), name);
        let path = format!("/notes/{name}");
        let refused = lab.transfer.operation_stat(lab.laptop(), &*path).send().await.unwrap_err();
        assert!(refused.is_code("InvalidPath"), "{refused}");
        let refused =
            lab.transfer.operation_mkdir(lab.laptop(), format!("{path}.d")).send().await.unwrap_err();
        assert!(refused.is_code("InvalidPath"), "{refused}");
        let refused = lab.transfer.submit_transfer(lab.data([(&*path, "/x")])).send().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(
            refused.to_string().contains("line break") && !refused.to_string().contains('\n'),
            "{refused}"
        );
    }
    let listed = lab.transfer.operation_ls(lab.laptop()).path("/notes/").send().await.unwrap();
    let mut listed: Vec<_> = listed.data.into_iter().map(|entry| entry.name).collect();
    listed.sort();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(listed, expected);
    let submitted = lab.transfer.submit_transfer(lab.data([("/notes/", "/notes/")])).send().await.unwrap();
    lab.wait(submitted.task_id).send().await.unwrap();
    for name in names {
        assert_eq!(fs::read_to_string(lab.archive_path(&format!("notes/{name}"))).unwrap(), name);
    }
}
