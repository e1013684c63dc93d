//! The certificate of the server, read anew when its files change.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use bartizan_engine::files;
use tokio::time::Instant;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use crate::output;

/// The most bytes of a certificate chain or key.
const MAX_PEM: u64 = 256 * 1024;

/// How often the files are looked at, at most.
const PAUSE: Duration = Duration::from_secs(1);

/// Where certificate and key lie.
#[derive(Clone, Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// Which device, file, time of change and size each of the two had.
type Stamp = [(u64, u64, i64, i64, u64); 2];

impl Files {
    pub(super) fn new(certificate: &Path, key: &Path) -> Self {
        Self { certificate: certificate.to_owned(), key: key.to_owned() }
    }

    fn load(&self) -> anyhow::Result<TlsAcceptor> {
        let certificate = read(&self.certificate)?;
        let chain = CertificateDer::pem_slice_iter(&certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.with_context(|| format!("cannot use {}", self.certificate.display()))?;
        if chain.is_empty() {
            bail!("there is no certificate in {}", self.certificate.display());
        }
        // What the parser says of a key is not told on: it could quote it.
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?);
        let key = key.map_err(|_| anyhow::anyhow!("there is no private key in {}", self.key.display()))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("cannot set up TLS")?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the certificate and its key do not fit")?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn stamp(&self) -> Option<Stamp> {
        let one = |path: &Path| {
            let found = fs::metadata(path).ok()?;
            Some((found.dev(), found.ino(), found.mtime(), found.mtime_nsec(), found.size()))
        };
        Some([one(&self.certificate)?, one(&self.key)?])
    }
}

/// What a server shows of itself at the moment.
pub(super) struct Shown {
    files: Files,
    acceptor: TlsAcceptor,
    stamp: Option<Stamp>,
    looked: Instant,
}

impl Shown {
    pub(super) fn new(files: Files) -> anyhow::Result<Self> {
        let stamp = files.stamp();
        Ok(Self { acceptor: files.load()?, stamp, files, looked: Instant::now() })
    }

    /// The acceptor for the next connection. Files that changed and cannot be used leave the one that there is.
    pub(super) fn acceptor(&mut self) -> TlsAcceptor {
        if self.looked.elapsed() >= PAUSE {
            self.looked = Instant::now();
            let stamp = self.files.stamp();
            if stamp.is_some() && stamp != self.stamp {
                match self.files.load() {
                    Ok(acceptor) => {
                        self.acceptor = acceptor;
                        self.stamp = stamp;
                        output::talk("bartizan: the certificate was read anew");
                    }
                    Err(error) => {
                        output::talk(&format!("bartizan: the certificate stays the old one: {error:#}"));
                    }
                }
            }
        }
        self.acceptor.clone()
    }
}

/// Reads a file that the operator has named, through links: that is how secrets are mounted.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    files::read(&path.canonicalize().with_context(cannot)?, MAX_PEM).with_context(cannot)
}
