//! An emulator for the examples, so that they run without account and network. Not for copying.
#![allow(dead_code, reason = "each example needs a part of it")]

use std::{
    error::Error,
    io::{self, BufReader, PipeWriter, Write},
};

use globus::{
    auth::login::CommandLineLoginFlowManager,
    core::{HttpTransport, Transport, transport::Request},
    prelude::*,
};
use globus_emulator::{Emulator, EmulatorBuilder};
use http::{HeaderValue, Method, StatusCode, header};
use tokio::runtime::Handle;
use url::{Url, form_urlencoded::Serializer};

pub(crate) type Anything<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A Globus of this program's own.
pub(crate) struct Local(Emulator);

impl Local {
    pub(crate) async fn start(emulator: EmulatorBuilder) -> Anything<Self> {
        Ok(Self(emulator.start().await?))
    }

    /// The native application that everybody may try out.
    pub(crate) const NATIVE_CLIENT: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";

    pub(crate) fn credentials(&self) -> globus::Result<ClientCredentials> {
        ClientCredentials::new(self.0.client_id(), self.0.client_secret())
    }

    pub(crate) fn config(&self) -> globus::Result<Config> {
        let url = |service: Service| self.0.service_url(service.as_str());
        let services = [Service::Auth, Service::Transfer, Service::Flows];
        let config = services
            .into_iter()
            .fold(Config::builder(), |config, service| config.service_url(service, url(service)));
        Ok(config.build()?)
    }

    pub(crate) fn collection(&self, name: &str) -> Anything<CollectionId> {
        Ok(self.0.collection_id(name).ok_or("the emulator has no such collection")?.into())
    }
}

/// A browser whose user agrees to everything. Keeps cookies, and follows redirects.
pub(crate) struct Visitor {
    http: HttpTransport,
    cookie: Option<HeaderValue>,
}

pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) text: String,
}

impl Visitor {
    pub(crate) fn new() -> Self {
        Self { http: HttpTransport::default(), cookie: None }
    }

    pub(crate) async fn get(&mut self, url: Url) -> Anything<Page> {
        self.visit(Request::new(Method::GET, url)).await
    }

    pub(crate) async fn post(&mut self, url: Url, form: &[(&str, &str)]) -> Anything<Page> {
        let mut request = Request::new(Method::POST, url);
        request.body = Serializer::new(String::new()).extend_pairs(form).finish().into();
        request
            .headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.visit(request).await
    }

    /// Presses "Allow" on the page that asks for consent.
    pub(crate) async fn allow(&mut self, page: Page) -> Anything<Page> {
        let request = between(&page.text, "name=\"request\" value=\"", "\"")?;
        let identity = between(&page.text, "name=\"identity\" value=\"", "\"")?;
        let form = [("request", request), ("identity", identity), ("decision", "allow")];
        self.post(page.url.join("authorize")?, &form).await
    }

    async fn visit(&mut self, mut request: Request) -> Anything<Page> {
        loop {
            if let Some(cookie) = &self.cookie {
                request.headers.insert(header::COOKIE, cookie.clone());
            }
            let url = request.url.clone();
            let answer = self.http.send(request).await?;
            if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
                let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
                self.cookie = Some(HeaderValue::from_str(pair)?);
            }
            if let (true, Some(location)) =
                (answer.status.is_redirection(), answer.headers.get(header::LOCATION))
            {
                request = Request::new(Method::GET, url.join(location.to_str()?)?);
                continue;
            }
            let text = String::from_utf8(answer.body.bytes().await?.to_vec())?;
            if answer.status != StatusCode::OK {
                return Err(format!("{} answered {}: {text}", url.path(), answer.status).into());
            }
            return Ok(Page { url, text });
        }
    }
}

pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Anything<&'a str> {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.map(|(found, _)| found).ok_or_else(|| format!("no {before:?} in {text}").into())
}

/// A terminal whose user opens the address that is shown, agrees, and pastes the code.
pub(crate) fn obedient_terminal() -> Anything<CommandLineLoginFlowManager> {
    let (input, keyboard) = io::pipe()?;
    let user = User { keyboard, runtime: Handle::current() };
    Ok(CommandLineLoginFlowManager::with_io(BufReader::new(input), user))
}

struct User {
    keyboard: PipeWriter,
    runtime: Handle,
}

impl Write for User {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(bytes)?;
        let text = String::from_utf8_lossy(bytes);
        if let Some(url) = text.lines().find_map(|line| Url::parse(line).ok()) {
            let (mut keyboard, runtime) = (self.keyboard.try_clone()?, self.runtime.clone());
            std::thread::spawn(move || {
                let code = runtime.block_on(async {
                    let mut visitor = Visitor::new();
                    let page = visitor.get(url).await?;
                    let page = visitor.allow(page).await?;
                    between(&page.text, "<code id=\"code\">", "</code>").map(ToOwned::to_owned)
                });
                // Without a code, the input ends, and with it the login.
                code.map(|code| writeln!(keyboard, "{code}"))
            });
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
