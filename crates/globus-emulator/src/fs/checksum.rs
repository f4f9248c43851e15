//! Checksums of file contents.

use std::io::{self, Read};

use sha2::digest::DynDigest;

/// The algorithms that Globus Transfer offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Algorithm {
    #[default]
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    /// Reads an algorithm's name, in any case, with or without the dash.
    pub(crate) fn from_name(name: &str) -> Option<Algorithm> {
        match name.to_ascii_uppercase().replace('-', "").as_str() {
            "MD5" => Some(Algorithm::Md5),
            "SHA1" => Some(Algorithm::Sha1),
            "SHA256" => Some(Algorithm::Sha256),
            "SHA512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }

    /// The service's name for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        }
    }

    /// How many hexadecimal digits its checksums have.
    pub(crate) fn digits(self) -> usize {
        2 * self.hasher().output_size()
    }

    fn hasher(self) -> Box<dyn DynDigest> {
        match self {
            Algorithm::Md5 => Box::<md5::Md5>::default(),
            Algorithm::Sha1 => Box::<sha1::Sha1>::default(),
            Algorithm::Sha256 => Box::<sha2::Sha256>::default(),
            Algorithm::Sha512 => Box::<sha2::Sha512>::default(),
        }
    }

    /// Reads to the end and returns the checksum in lower-case hexadecimal digits.
    pub(crate) fn hash(self, reader: &mut dyn Read) -> io::Result<String> {
        let mut hasher = self.hasher();
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => hasher.update(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let mut text = String::with_capacity(self.digits());
        for byte in hasher.finalize() {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(digit.into(), 16));
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        for (algorithm, expected) in [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let hash = algorithm.hash(&mut &b"abc"[..]).unwrap();
            assert_eq!(hash, expected);
            assert_eq!(hash.len(), algorithm.digits());
        }
        let long = Algorithm::Sha512.hash(&mut &b"abc"[..]).unwrap();
        assert!(long.starts_with("ddaf35a193617abacc417349ae204131"), "{long}");
        assert_eq!(long.len(), 128);
    }

    #[test]
    fn names_in_any_case() {
        for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(algorithm));
        }
        assert_eq!(Algorithm::from_name("sha-256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::from_name("crc32"), None);
    }
}
