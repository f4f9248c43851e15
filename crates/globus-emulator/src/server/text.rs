//! Texts within URLs and pages, written so that nothing in them is read as more than text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in any part of a URL (RFC 3986).
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes a text as one segment of a path, or as a name or value of a query.
pub(crate) fn in_url(text: &str) -> String {
    utf8_percent_encode(text, &UNRESERVED).to_string()
}

/// Writes a text for a page, within an element or a quoted attribute.
pub(crate) fn in_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_a_page() {
        assert_eq!(in_html("<b a=\"x\" c='y'>&"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
    }

    #[test]
    fn nothing_escapes_from_a_url() {
        assert_eq!(in_url("a/b?c=d&e#f%g é~-._"), "a%2Fb%3Fc%3Dd%26e%23f%25g%20%C3%A9~-._");
    }
}
