//! Where a browser may be sent back to.

use http::Uri;

use super::clients::Client;

/// Tells whether a client may have codes sent to this URI: one that it registered, or, for an application on
/// the user's own machine, any port of the loopback interface and Auth's own page that shows the code.
pub(crate) fn is_allowed(client: &Client, uri: &str, auth_base: &str) -> bool {
    let native = client.is_native();
    client.redirect_uris.iter().any(|registered| registered == uri)
        || native && (uri == format!("{auth_base}v2/web/auth-code") || is_loopback(uri))
}

fn is_loopback(uri: &str) -> bool {
    let Some(parsed) = parse(uri) else { return false };
    let host = parsed.host().unwrap_or_default();
    parsed.scheme_str() == Some("http") && matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Reads an absolute URI that has neither fragment nor user information, as a redirect URI must.
pub(crate) fn parse(uri: &str) -> Option<Uri> {
    let parsed: Uri = uri.parse().ok()?;
    let authority = parsed.authority()?;
    let clean = !uri.contains('#') && !authority.as_str().contains('@') && !authority.host().is_empty();
    (clean && parsed.scheme().is_some()).then_some(parsed)
}

/// Adds parameters to a redirect URI, after those that it may have.
pub(crate) fn with_parameters(uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut target = uri.to_owned();
    let mut separator = if uri.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
        if let Some(value) = value {
            target.push(separator);
            target.push_str(name);
            target.push('=');
            push_escaped(&mut target, value);
            separator = '&';
        }
    }
    target
}

fn push_escaped(target: &mut String, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            target.push(char::from(byte));
        } else {
            target.push('%');
            target.push(char::from(HEX[usize::from(byte >> 4)]));
            target.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const BASE: &str = "http://127.0.0.1:9000/auth/";

    #[test]
    fn native_applications_get_loopback_and_the_code_page() {
        let client = Client::public(Uuid::nil(), "native");
        for allowed in [
            "http://localhost",
            "http://localhost:1234",
            "http://127.0.0.1:1/callback?x=1",
            "http://[::1]:80/",
            "http://127.0.0.1:9000/auth/v2/web/auth-code",
        ] {
            assert!(is_allowed(&client, allowed, BASE), "{allowed}");
        }
        for refused in [
            "",
            "localhost",
            "/callback",
            "https://localhost:1234",
            "http://localhost.example.org",
            "http://example.org",
            "http://localhost@example.org",
            "http://user@localhost/",
            "http://127.0.0.1:1/#fragment",
            "http://127.0.0.2/",
            "javascript:alert(1)",
            "https://auth.globus.org/v2/web/auth-code",
        ] {
            assert!(!is_allowed(&client, refused, BASE), "{refused}");
        }
    }

    #[test]
    fn confidential_clients_get_what_they_registered() {
        let mut client = Client::confidential(Uuid::nil(), "secret".to_owned());
        assert!(!is_allowed(&client, "http://localhost:1234", BASE));
        client.redirect_uris.push("https://app.example.org/cb".to_owned());
        assert!(is_allowed(&client, "https://app.example.org/cb", BASE));
        assert!(!is_allowed(&client, "https://app.example.org/cb/", BASE));
    }

    #[test]
    fn parameters_are_escaped_and_appended() {
        let parameters = [("code", Some("a b&c")), ("state", None), ("x", Some("é"))];
        assert_eq!(with_parameters("http://l", &parameters), "http://l?code=a%20b%26c&x=%C3%A9");
        assert_eq!(with_parameters("http://l?y=1", &[("z", Some("2"))]), "http://l?y=1&z=2");
    }
}
