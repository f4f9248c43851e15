//! A browser to look at pages with and to press their buttons: Chromium, over its debugging protocol.
//!
//! Messages go through two pipes, each ended by a zero byte, so that there is no port that anybody else could find.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) type Anything<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The longest that the browser may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Chromium {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
}

/// A tab, by the name that the protocol has for it.
pub(crate) struct Tab(String);

impl Chromium {
    /// Starts the program with a profile of its own, which can reach this machine only.
    pub(crate) fn start(program: &Path, profile: &Path) -> Anything<Self> {
        let mut command = Command::new("/bin/sh");
        // The protocol is spoken on the descriptors 3 and 4.
        command
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                "--no-first-run",
                "--no-default-browser-check",
            ])
            .args(["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"])
            .args(["--disable-extensions", "--disable-sync", "--no-proxy-server", "--lang=en-US"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.display()))
            // Chromium's own sandbox does not work for root, nor in most containers. It only sees pages of ours.
            .args(["--no-sandbox", "about:blank"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn()?;
        let (Some(commands), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the browser has no pipes".into());
        };
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let Some(message) = message.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) else {
                    return;
                };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { process, commands, messages, last_id: 0 };
        let version = browser.call(None, "Browser.getVersion", &json!({}))?;
        println!("{} at {}", version["product"].as_str().unwrap_or("a browser"), program.display());
        Ok(browser)
    }

    pub(crate) fn open(&mut self, url: &str) -> Anything<Tab> {
        let target = self.call(None, "Target.createTarget", &json!({"url": url}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", &attach)?;
        Ok(Tab(session["sessionId"].as_str().ok_or("no session")?.to_owned()))
    }

    /// Waits until this text can be read on the page.
    pub(crate) fn wait_for(&mut self, tab: &Tab, text: &str) -> Anything<()> {
        let start = Instant::now();
        loop {
            // While the browser goes from one page to the next there is nothing to read.
            let read = self.evaluate(tab, "document.readyState == 'complete' ? document.body.innerText : ''");
            let read = read.ok().and_then(|read| read.as_str().map(ToOwned::to_owned)).unwrap_or_default();
            if read.contains(text) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                let place = self.evaluate(tab, "location.origin + location.pathname")?;
                return Err(format!("no {text:?} at {place}, but: {read}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Gives the text of the element that a selector finds.
    pub(crate) fn text(&mut self, tab: &Tab, selector: &str) -> Anything<String> {
        let text =
            self.evaluate(tab, &format!("document.querySelector({}).innerText", Value::from(selector)))?;
        Ok(text.as_str().ok_or_else(|| format!("{selector} has no text"))?.to_owned())
    }

    /// Moves the mouse to the middle of an element, and presses it there.
    pub(crate) fn click(&mut self, tab: &Tab, selector: &str) -> Anything<()> {
        let place = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            Value::from(selector)
        );
        let place = self.evaluate(tab, &place)?;
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({
                "type": kind, "x": place[0], "y": place[1], "button": button, "buttons": buttons, "clickCount": 1,
            });
            self.call(Some(tab), "Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    fn evaluate(&mut self, tab: &Tab, expression: &str) -> Anything<Value> {
        let answer = json!({"expression": expression, "returnByValue": true});
        let mut answer = self.call(Some(tab), "Runtime.evaluate", &answer)?;
        match answer.get("exceptionDetails") {
            Some(problem) => Err(format!("{expression}: {}", problem["exception"]["description"]).into()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    fn call(&mut self, tab: Option<&Tab>, method: &str, parameters: &Value) -> Anything<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(Tab(session)) = tab {
            message["sessionId"] = Value::from(session.as_str());
        }
        let lost = |error: &dyn std::fmt::Display| format!("{method}: the browser is gone or hangs: {error}");
        let sent =
            self.commands.write_all(format!("{message}\0").as_bytes()).and_then(|()| self.commands.flush());
        sent.map_err(|error| lost(&error))?;
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let mut answer = self.messages.recv_timeout(left).map_err(|error| lost(&error))?;
            // Between the answers come events, which nobody here waits for.
            if answer["id"] == id {
                return match answer.get("error") {
                    Some(error) => Err(format!("{method}: {error}").into()),
                    None => Ok(answer["result"].take()),
                };
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.call(None, "Browser.close", &json!({}));
        // It has processes of its own to end, and a profile to write.
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end && matches!(self.process.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A directory for the browser's profile, which is gone afterwards.
pub(crate) struct Profile(PathBuf);

impl Profile {
    pub(crate) fn new(room: &Path) -> io::Result<Self> {
        let profile = room.join(format!("profile-{}", std::process::id()));
        std::fs::create_dir_all(&profile)?;
        profile.canonicalize().map(Self)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // The last of the browser's processes may still be writing.
        for _ in 0..100 {
            if std::fs::remove_dir_all(&self.0).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
