//! A certificate of our own.

use std::process::{Command, Stdio};

use super::folder::Folder;

/// Whether this machine can make certificates.
pub(crate) fn is_there() -> bool {
    let mut openssl = Command::new("openssl");
    let version = openssl.arg("version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Makes a certificate for 127.0.0.1 that is its own authority.
pub(super) fn make(folder: &Folder) {
    let status = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "openssl");
}

pub(super) fn options(folder: &Folder) -> Vec<(String, String)> {
    let file = |name: &str| folder.file(name).display().to_string();
    let option = |name: &str, value: String| (name.to_owned(), value);
    vec![
        option("tls-cert-file", file("certificate.pem")),
        option("tls-key-file", file("key.pem")),
        option("tls-ca-cert-file", file("certificate.pem")),
        option("tls-auth-clients", "no".to_owned()),
    ]
}
