//! TLS as users set it up: no process-wide provider anywhere, a CA file, verification off.

use std::sync::Arc;

use globus_core::{
    Config, HttpTransport, RetryPolicy, Service, ServiceClient,
    config::{Sources, TlsVerify},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::common::Toys;

const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

/// Serves one toy over TLS with a certificate that nobody knows; gives the address and the certificate in PEM.
async fn tls_server() -> (String, String) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut socket) = acceptor.accept(socket).await else {
                continue;
            };
            let mut buffer = [0; 4096];
            let _ = socket.read(&mut buffer).await;
            let body = r#"{"id":1,"name":"safe"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = socket.write_all(answer.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    (url, certified.cert.pem())
}

async fn ask(url: &str, verify: TlsVerify) -> globus_core::Result<crate::common::Toy> {
    let config = Config::builder()
        .sources(Sources::empty())
        .service_url(Service::Transfer, url)
        .tls_verify(verify)
        .build()
        .unwrap();
    Toys::builder().config(config).retry(RetryPolicy::never()).build().unwrap().get_toy(ID).send().await
}

#[tokio::test]
async fn certificates_are_checked_as_configured() {
    let (url, certificate) = tls_server().await;
    let error = ask(&url, TlsVerify::On).await.unwrap_err();
    assert!(error.is_connect() && error.is_never_sent(), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), certificate).unwrap();
    let toy = ask(&url, TlsVerify::ca_file(file.path()).unwrap()).await.unwrap();
    assert_eq!(toy.name.as_deref(), Some("safe"));

    // Only the certificates of the file count.
    let (other, _) = tls_server().await;
    let error = ask(&other, TlsVerify::ca_file(file.path()).unwrap()).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");

    assert!(ask(&other, TlsVerify::Off).await.is_ok());
}

#[tokio::test]
async fn no_process_wide_provider_is_needed_or_left_behind() {
    let (url, _) = tls_server().await;
    assert!(tokio_rustls::rustls::crypto::CryptoProvider::get_default().is_none());
    ask(&url, TlsVerify::Off).await.unwrap();
    assert!(tokio_rustls::rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn one_transport_serves_many_clients() {
    let (url, _) = tls_server().await;
    let transport = HttpTransport::builder().tls_verify(TlsVerify::Off).build();
    for _ in 0..3 {
        let client = Toys::builder().base_url(&url).transport(transport.clone()).build().unwrap();
        client.get_toy(ID).send().await.unwrap();
    }
}
