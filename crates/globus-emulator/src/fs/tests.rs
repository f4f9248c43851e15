//! Path safety and file operations on real directories.
#![cfg(unix)]

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::checksum::Algorithm;
use super::copy::Copied;
use super::*;

const PLAIN: CopyOptions<'_> =
    CopyOptions { preserve_timestamp: false, verify: false, algorithm: Algorithm::Md5, expected: None };

/// A root `inside`, and beside it a directory that nobody may reach.
struct Place {
    temp: TempDir,
    root: Root,
}

impl Place {
    fn new() -> Place {
        let temp = TempDir::new().unwrap();
        fs::create_dir(temp.path().join("inside")).unwrap();
        fs::create_dir(temp.path().join("outside")).unwrap();
        fs::write(temp.path().join("outside/secret"), "secret").unwrap();
        let root = Root::open(&temp.path().join("inside")).unwrap();
        Place { temp, root }
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.temp.path().join("inside").join(path)
    }

    fn outside(&self, path: &str) -> PathBuf {
        self.temp.path().join("outside").join(path)
    }

    fn names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> =
            self.root.list(&at(path)).unwrap().into_iter().map(|entry| entry.name).collect();
        names.sort();
        names
    }

    fn copy(&self, from: &str, to: &str, options: CopyOptions<'_>) -> Result<Copied, CopyError> {
        self.root.copy_file(&at(from), &self.root, &at(to), options, &mut |_| true)
    }
}

fn at(path: &str) -> CollectionPath {
    CollectionPath::parse(path).unwrap()
}

#[test]
fn stat_tells_everything_about_a_file() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), "hello").unwrap();
    fs::set_permissions(place.inside("a.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    let entry = place.root.stat(&at("/a.txt")).unwrap();
    assert_eq!((entry.name.as_str(), entry.kind, entry.size), ("a.txt", Kind::File, 5));
    assert_eq!(entry.permissions, 0o640);
    assert!(entry.user.is_some() && entry.group.is_some());
    assert_eq!(entry.link, None);
    assert_eq!(place.root.stat(&at("/")).unwrap().kind, Kind::Dir);
    assert_eq!(place.root.stat(&at("/nope")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn links_show_their_targets_type_and_themselves() {
    let place = Place::new();
    fs::create_dir(place.inside("dir")).unwrap();
    fs::write(place.inside("dir/file"), "12345").unwrap();
    symlink("dir", place.inside("to_dir")).unwrap();
    symlink(place.inside("dir/file"), place.inside("absolute")).unwrap();
    symlink("nowhere", place.inside("broken")).unwrap();
    symlink("loop", place.inside("loop")).unwrap();
    symlink("../outside/secret", place.inside("up")).unwrap();
    symlink(place.outside("secret"), place.inside("out")).unwrap();
    let stat = |name: &str| place.root.stat(&at(name)).unwrap();

    assert_eq!(stat("to_dir").kind, Kind::Dir);
    assert_eq!(stat("to_dir").link.unwrap().target, "dir");
    assert_eq!((stat("absolute").kind, stat("absolute").size), (Kind::File, 5));
    for name in ["broken", "loop", "up", "out"] {
        assert_eq!(stat(name).kind, Kind::InvalidLink, "{name}");
    }
    assert_eq!(stat("out").link.unwrap().target, place.outside("secret").to_str().unwrap());
    let listed = place.root.list(&at("/")).unwrap();
    for entry in listed {
        assert_eq!(entry, stat(&entry.name), "ls and stat agree");
    }
}

#[test]
fn nothing_reaches_through_a_link_that_leads_out() {
    let place = Place::new();
    symlink("../outside", place.inside("up")).unwrap();
    symlink(place.temp.path().join("outside"), place.inside("out")).unwrap();
    symlink("/", place.inside("slash")).unwrap();
    fs::write(place.inside("mine"), "mine").unwrap();
    for link in ["up", "out", "slash"] {
        let secret = if link == "slash" {
            format!("{link}{}", place.outside("secret").display())
        } else {
            format!("{link}/secret")
        };
        let new = format!("{link}/new");
        let refused = |result: io::Result<()>, what: &str| {
            let error = result.expect_err(what);
            assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{what} through {link}: {error}");
        };
        refused(place.root.list(&at(link)).map(drop), "list");
        refused(place.root.stat(&at(&secret)).map(drop), "stat");
        refused(place.root.checksum(&at(&secret), Algorithm::Md5).map(drop), "read");
        refused(place.root.create_dir(&at(&new)), "mkdir");
        refused(place.root.create_dir_all(&at(&format!("{new}/deep"))), "mkdir -p");
        refused(place.root.rename(&at("mine"), &at(&new)), "rename to");
        refused(place.root.rename(&at(&secret), &at("stolen")), "rename from");
        refused(place.root.remove(&at(&secret)), "remove");
        assert!(matches!(place.copy(&secret, "stolen", PLAIN), Err(CopyError::Source(_))));
        assert!(matches!(place.copy("mine", &new, PLAIN), Err(CopyError::Destination(_))));
        let overwrite = place.copy("mine", &secret, PLAIN);
        assert!(matches!(overwrite, Err(CopyError::Destination(_))), "{overwrite:?}");
    }
    assert_eq!(fs::read_to_string(place.outside("secret")).unwrap(), "secret");
    assert_eq!(fs::read_dir(place.temp.path().join("outside")).unwrap().count(), 1);
    assert_eq!(place.names("/"), ["mine", "out", "slash", "up"]);
}

#[test]
fn overwriting_a_link_that_leads_out_is_refused() {
    let place = Place::new();
    fs::write(place.inside("mine"), "mine").unwrap();
    symlink(place.outside("secret"), place.inside("out")).unwrap();
    symlink("../outside/secret", place.inside("up")).unwrap();
    for link in ["out", "up"] {
        let error = place.copy("mine", link, PLAIN).unwrap_err();
        assert!(matches!(error, CopyError::Destination(ref e) if e.kind() == ErrorKind::PermissionDenied));
    }
    assert_eq!(fs::read_to_string(place.outside("secret")).unwrap(), "secret");
}

/// A directory becomes a link to the outside and back while it is used: no call may see the secret.
#[cfg(target_os = "linux")]
#[test]
fn a_link_swapped_in_meanwhile_is_not_followed() {
    let place = Place::new();
    fs::create_dir(place.inside("spot")).unwrap();
    fs::write(place.inside("spot/secret"), "public").unwrap();
    symlink(place.temp.path().join("outside"), place.inside("evil")).unwrap();
    fs::write(place.inside("mine"), "mine").unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
            let (spot, evil) = (place.inside("spot"), place.inside("evil"));
            while !stop.load(Ordering::Relaxed) {
                renameat2(AT_FDCWD, &spot, AT_FDCWD, &evil, RenameFlags::RENAME_EXCHANGE).unwrap();
            }
        });
        let public = Algorithm::Md5.hash(&mut &b"public"[..]).unwrap();
        for round in 0..3000 {
            if let Ok(sum) = place.root.checksum(&at("spot/secret"), Algorithm::Md5) {
                assert_eq!(sum, public, "read the file outside");
            }
            let _ = place.root.list(&at("spot"));
            let _ = place.root.create_dir(&at("spot/new"));
            if round % 10 == 0 {
                let _ = place.copy("mine", "spot/copied", PLAIN);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let outside: Vec<_> = fs::read_dir(place.temp.path().join("outside")).unwrap().collect();
    assert_eq!(outside.len(), 1, "something was made outside: {outside:?}");
}

#[test]
fn absolute_links_that_point_inside_work_everywhere() {
    let place = Place::new();
    fs::create_dir_all(place.inside("a/b")).unwrap();
    fs::write(place.inside("a/b/file"), "x").unwrap();
    symlink(place.inside("a"), place.inside("link")).unwrap();
    assert_eq!(place.names("/link"), ["b"]);
    assert_eq!(place.names("/link/b"), ["file"]);
    place.root.create_dir(&at("/link/new")).unwrap();
    assert!(place.inside("a/new").is_dir());
    place.copy("/link/b/file", "/link/copy", PLAIN).unwrap();
    assert_eq!(fs::read_to_string(place.inside("a/copy")).unwrap(), "x");
    place.root.rename(&at("/link/copy"), &at("/link/moved")).unwrap();
    assert!(place.inside("a/moved").is_file());
    place.root.remove(&at("/link")).unwrap();
    assert!(place.inside("a/b/file").is_file(), "only the link was removed");
}

#[test]
fn names_that_are_not_utf8_are_listed_and_opened() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::write(place.temp.path().join("inside").join(name), "x").unwrap();
    assert_eq!(place.names("/"), ["\u{FFFD}caf\u{e9}"]);
    assert_eq!(place.root.stat(&at("/\u{FFFD}caf\u{e9}")).unwrap().size, 1);
    place.copy("/\u{FFFD}caf\u{e9}", "/d/\u{FFFD}caf\u{e9}", PLAIN).unwrap();
    assert!(place.temp.path().join("inside/d").join(name).is_file());
}

#[test]
fn mkdir_needs_the_parent_and_a_free_name() {
    let place = Place::new();
    let kind = |path: &str| place.root.create_dir(&at(path)).unwrap_err().kind();
    place.root.create_dir(&at("/a/")).unwrap();
    assert_eq!(kind("/a"), ErrorKind::AlreadyExists);
    assert_eq!(kind("/"), ErrorKind::AlreadyExists);
    assert_eq!(kind("/x/y"), ErrorKind::NotFound);
    place.root.create_dir_all(&at("/x/y/z")).unwrap();
    place.root.create_dir_all(&at("/x/y/z")).unwrap();
    // Deep trees, too.
    place.root.create_dir_all(&at(&"d/".repeat(200))).unwrap();
    fs::write(place.inside("file"), "").unwrap();
    assert_eq!(place.root.create_dir_all(&at("/file/a")).unwrap_err().kind(), ErrorKind::NotADirectory);
}

#[test]
fn rename_never_overwrites() {
    let place = Place::new();
    fs::write(place.inside("a"), "a").unwrap();
    fs::write(place.inside("b"), "b").unwrap();
    let kind = |old: &str, new: &str| place.root.rename(&at(old), &at(new)).unwrap_err().kind();
    assert_eq!(kind("a", "b"), ErrorKind::AlreadyExists);
    assert_eq!(kind("nope", "c"), ErrorKind::NotFound);
    assert_eq!(kind("a", "no/c"), ErrorKind::NotFound);
    assert_eq!(kind("/", "c"), ErrorKind::InvalidInput);
    place.root.rename(&at("a"), &at("c")).unwrap();
    assert_eq!(place.names("/"), ["b", "c"]);
    symlink("nowhere", place.inside("link")).unwrap();
    place.root.rename(&at("link"), &at("moved")).unwrap();
    assert!(place.inside("moved").is_symlink(), "the link itself is renamed");
}

#[test]
fn remove_takes_trees_but_not_what_links_point_to() {
    let place = Place::new();
    fs::create_dir_all(place.inside("tree/deep")).unwrap();
    fs::write(place.inside("keep"), "").unwrap();
    symlink("../../keep", place.inside("tree/deep/link")).unwrap();
    symlink(place.temp.path().join("outside"), place.inside("tree/out")).unwrap();
    place.root.remove(&at("tree")).unwrap();
    assert_eq!(place.names("/"), ["keep"]);
    assert!(place.outside("secret").is_file());
    assert_eq!(place.root.remove(&at("/")).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn copies_make_parents_keep_modes_and_times() {
    let place = Place::new();
    fs::write(place.inside("a"), "new content").unwrap();
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(place.inside("a")).unwrap().set_modified(time).unwrap();
    let options = CopyOptions { preserve_timestamp: true, verify: true, ..PLAIN };
    let copied = place.copy("a", "x/y/b", options).unwrap();
    assert_eq!(copied.size, 11);
    let expected = Algorithm::Md5.hash(&mut &b"new content"[..]).unwrap();
    assert_eq!(copied.checksum, Some(expected));
    assert_eq!(place.root.stat(&at("x/y/b")).unwrap().modified.as_second(), 1_000_000_000);

    fs::set_permissions(place.inside("x/y/b"), fs::Permissions::from_mode(0o600)).unwrap();
    place.copy("a", "x/y/b", PLAIN).unwrap();
    assert_eq!(place.root.stat(&at("x/y/b")).unwrap().permissions, 0o600);
    assert_ne!(place.root.stat(&at("x/y/b")).unwrap().modified.as_second(), 1_000_000_000);
}

#[test]
fn a_failed_copy_leaves_nothing_behind() {
    let place = Place::new();
    fs::write(place.inside("a"), "a").unwrap();
    fs::write(place.inside("b"), "old").unwrap();
    fs::create_dir(place.inside("dir")).unwrap();
    let wrong = CopyOptions { expected: Some("00"), ..PLAIN };
    assert!(matches!(place.copy("a", "b", wrong), Err(CopyError::External { .. })));
    let stopped = place.root.copy_file(&at("a"), &place.root, &at("b"), PLAIN, &mut |_| false);
    assert!(matches!(stopped, Err(CopyError::Stopped)));
    assert!(matches!(place.copy("a", "dir", PLAIN), Err(CopyError::Destination(_))));
    assert!(matches!(place.copy("dir", "c", PLAIN), Err(CopyError::Source(_))));
    assert_eq!(fs::read_to_string(place.inside("b")).unwrap(), "old");
    assert_eq!(fs::read_dir(place.temp.path().join("inside")).unwrap().count(), 3);
}

#[test]
fn a_source_that_grows_meanwhile_is_not_copied() {
    let place = Place::new();
    fs::write(place.inside("a"), "short").unwrap();
    let grow = &mut |_| fs::write(place.inside("a"), "much longer").is_ok();
    let result = place.root.copy_file(&at("a"), &place.root, &at("b"), PLAIN, grow);
    assert!(matches!(result, Err(CopyError::SourceChanged)), "{result:?}");
    assert!(!place.inside("b").exists());
}

#[test]
fn pipes_are_listed_but_never_opened() {
    let place = Place::new();
    nix::unistd::mkfifo(&place.inside("pipe"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    assert_eq!(place.root.stat(&at("pipe")).unwrap().kind, Kind::Pipe);
    assert!(matches!(place.copy("pipe", "b", PLAIN), Err(CopyError::Source(_))));
}

#[test]
fn links_can_be_recreated() {
    let place = Place::new();
    symlink("some/where", place.inside("link")).unwrap();
    fs::write(place.inside("file"), "").unwrap();
    place.root.copy_link(&at("link"), &place.root, &at("file")).unwrap();
    assert_eq!(fs::read_link(place.inside("file")).unwrap(), PathBuf::from("some/where"));
}
