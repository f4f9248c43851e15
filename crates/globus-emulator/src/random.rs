//! Values that nobody can guess: tokens, codes, secrets.

use uuid::Uuid;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns a random string of letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Bytes 6 and 8 of a version 4 UUID carry its version: the other 14 are random.
        let random = Uuid::new_v4().into_bytes();
        for (index, byte) in random.into_iter().enumerate() {
            // 248 is four times 62: refusing the rest keeps every character equally likely.
            if !matches!(index, 6 | 8) && byte < 248 && text.len() < length {
                text.push(char::from(ALPHANUMERIC[usize::from(byte % 62)]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_length_and_never_repeats() {
        let one = alphanumeric(90);
        assert_eq!(one.len(), 90);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, alphanumeric(90));
    }
}
