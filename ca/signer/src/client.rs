//! The client half: what `ca` and others call; connects when first used and again after a break.
//! Standard: none.
//! It must never send a request twice after the signer may have begun its answer.

use crate::consent::{Assertion, Binding, PinnedCredential};
use crate::domain::{
    Algorithm, Bytes, Checkpoint, Digest, KeyInfo, LastCheckpoint, OpenedConsent, Purpose,
    RefusalCode, Timestamp,
};
use crate::wire::{
    FrameError, Health, JournalPage, MailboxSignature, PersonSignature, Request, Response,
    SealSignature, read_frame, write_frame,
};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UnixStream;

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The signer refused; nothing was signed.
    #[error("the signer refused ({}): {detail}", code.as_str())]
    Refused {
        /// Reason.
        code: RefusalCode,
        /// In words.
        detail: String,
    },
    /// The signer cannot be reached.
    #[error("the signer cannot be reached at {socket}: {cause}")]
    Unavailable {
        /// Where it was looked for.
        socket: String,
        /// What happened.
        cause: String,
    },
    /// The answer was not one to this request.
    #[error("the signer's answer cannot be read: {0}")]
    Protocol(String),
}

const IDLE_CONNECTIONS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of the signer; clones share their connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    idle: Mutex<Vec<UnixStream>>,
    observer: Option<Observer>,
}

/// Told of every answer: request, how it ended (`good`, `refused`, `unavailable`, `unreadable`), and how long it took.
pub type Observer = Arc<dyn Fn(&'static str, &'static str, Duration) + Send + Sync>;

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("socket", &self.shared.socket)
            .finish_non_exhaustive()
    }
}

enum Break {
    /// The connection was closed before any byte of an answer: an idle one had ended.
    BeforeAnswer(String),
    Final(ClientError),
}

macro_rules! expect {
    ($answer:expr, $variant:ident) => {
        match $answer {
            Response::$variant(value) => Ok(value),
            other => Err(ClientError::Protocol(format!(
                "expected {}, got {other:?}",
                stringify!($variant)
            ))),
        }
    };
}

impl Client {
    /// A client of the signer at this socket.
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self::open_at(socket.into(), None)
    }

    /// The same with an observer.
    pub fn observed(socket: impl Into<PathBuf>, observer: Observer) -> Self {
        Self::open_at(socket.into(), Some(observer))
    }

    fn open_at(socket: PathBuf, observer: Option<Observer>) -> Self {
        Self {
            shared: Arc::new(Shared {
                socket,
                idle: Mutex::new(Vec::new()),
                observer,
            }),
        }
    }

    /// Sends any request; a refusal is an error.
    pub async fn ask(&self, request: &Request) -> Result<Response, ClientError> {
        let Some(observer) = &self.shared.observer else {
            return self.send(request).await;
        };
        let began = tokio::time::Instant::now();
        let answer = self.send(request).await;
        let outcome = match &answer {
            Ok(_) => "good",
            Err(ClientError::Refused { .. }) => "refused",
            Err(ClientError::Unavailable { .. }) => "unavailable",
            Err(ClientError::Protocol(_)) => "unreadable",
        };
        observer(request.names().0, outcome, began.elapsed());
        answer
    }

    async fn send(&self, request: &Request) -> Result<Response, ClientError> {
        let frame =
            serde_json::to_vec(request).map_err(|e| ClientError::Protocol(e.to_string()))?;
        let pooled = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        if let Some(stream) = pooled {
            match self.exchange(stream, &frame).await {
                Ok(response) => return Self::opened(response),
                Err(Break::Final(error)) => return Err(error),
                Err(Break::BeforeAnswer(_)) => {}
            }
        }
        let stream = UnixStream::connect(&self.shared.socket)
            .await
            .map_err(|e| self.unavailable(&e))?;
        match self.exchange(stream, &frame).await {
            Ok(response) => Self::opened(response),
            Err(Break::Final(error)) => Err(error),
            Err(Break::BeforeAnswer(cause)) => Err(self.unavailable(&cause)),
        }
    }

    fn opened(response: Response) -> Result<Response, ClientError> {
        match response {
            Response::Refused(refusal) => Err(ClientError::Refused {
                code: refusal.code,
                detail: refusal.detail,
            }),
            other => Ok(other),
        }
    }

    fn unavailable(&self, cause: &dyn std::fmt::Display) -> ClientError {
        ClientError::Unavailable {
            socket: self.shared.socket.display().to_string(),
            cause: cause.to_string(),
        }
    }

    async fn exchange(&self, mut stream: UnixStream, frame: &[u8]) -> Result<Response, Break> {
        let answer = tokio::time::timeout(PATIENCE, async {
            match write_frame(&mut stream, frame).await {
                Ok(()) => {}
                Err(FrameError::TooLarge(size)) => {
                    return Err(Break::Final(ClientError::Protocol(format!(
                        "a request of {size} bytes is too large"
                    ))));
                }
                Err(error) => return Err(Break::BeforeAnswer(error.to_string())),
            }
            match read_frame(&mut stream).await {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => Err(Break::BeforeAnswer("closed without an answer".into())),
                Err(error) => Err(Break::Final(self.unavailable(&error))),
            }
        })
        .await
        .unwrap_or_else(|_| Err(Break::Final(self.unavailable(&"no answer in 30 seconds"))))?;
        let response = serde_json::from_slice(&answer)
            .map_err(|e| Break::Final(ClientError::Protocol(e.to_string())))?;
        let mut idle = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(stream);
        }
        Ok(response)
    }

    /// How the signer is.
    pub async fn health(&self) -> Result<Health, ClientError> {
        expect!(self.ask(&Request::Health {}).await?, Health)
    }

    /// Makes a key for one purpose.
    pub async fn generate_key(
        &self,
        purpose: Purpose,
        algorithm: Algorithm,
    ) -> Result<KeyInfo, ClientError> {
        let request = Request::GenerateKey { purpose, algorithm };
        expect!(self.ask(&request).await?, Key)
    }

    /// The public side of a key.
    pub async fn public_key(&self, key: &str) -> Result<KeyInfo, ClientError> {
        let request = Request::PublicKey { key: key.into() };
        expect!(self.ask(&request).await?, Key)
    }

    /// The newest keys (at most 500).
    pub async fn keys(&self) -> Result<Vec<KeyInfo>, ClientError> {
        expect!(self.ask(&Request::Keys {}).await?, Keys)
    }

    /// Installs the certificate of a key.
    pub async fn install_certificate(
        &self,
        key: &str,
        certificate: Vec<u8>,
    ) -> Result<KeyInfo, ClientError> {
        let request = Request::InstallCertificate {
            key: key.into(),
            certificate: certificate.into(),
        };
        expect!(self.ask(&request).await?, Key)
    }

    /// Signs a certificate; the whole certificate, DER.
    pub async fn sign_certificate(
        &self,
        key: &str,
        profile: &str,
        tbs: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let request = Request::SignCertificate {
            key: key.into(),
            profile: profile.into(),
            tbs: tbs.into(),
        };
        self.signed(&request).await
    }

    /// Signs a CRL; the whole CRL, DER.
    pub async fn sign_crl(&self, key: &str, tbs: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let request = Request::SignCrl {
            key: key.into(),
            tbs: tbs.into(),
        };
        self.signed(&request).await
    }

    /// Signs an OCSP response; the whole OCSPResponse, DER.
    pub async fn sign_ocsp(
        &self,
        key: &str,
        response_data: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let request = Request::SignOcsp {
            key: key.into(),
            response_data: response_data.into(),
        };
        self.signed(&request).await
    }

    /// Makes a time stamp.
    pub async fn sign_timestamp(
        &self,
        key: &str,
        digest: Digest,
        nonce: Option<Vec<u8>>,
        policy: Option<String>,
        cert_req: bool,
    ) -> Result<Timestamp, ClientError> {
        let request = Request::SignTimestamp {
            key: key.into(),
            digest,
            nonce: nonce.map(Bytes),
            policy,
            cert_req,
        };
        expect!(self.ask(&request).await?, Timestamp)
    }

    /// A nonce for a consent statement.
    pub async fn open_consent(&self, key: &str) -> Result<OpenedConsent, ClientError> {
        let request = Request::OpenConsent { key: key.into() };
        expect!(self.ask(&request).await?, Consent)
    }

    /// A person's signature: CMS, detached, without time stamp, DER.
    pub async fn sign_person(&self, signature: PersonSignature) -> Result<Vec<u8>, ClientError> {
        self.signed(&Request::SignPerson(signature)).await
    }

    /// An agency's seal: CMS, detached, without time stamp, DER.
    pub async fn sign_seal(&self, signature: SealSignature) -> Result<Vec<u8>, ClientError> {
        self.signed(&Request::SignSeal(signature)).await
    }

    /// A mailbox's machine signature: CMS, detached, DER.
    pub async fn sign_mailbox(&self, signature: MailboxSignature) -> Result<Vec<u8>, ClientError> {
        self.signed(&Request::SignMailbox(signature)).await
    }

    /// Signs a checkpoint of the log.
    pub async fn sign_checkpoint(
        &self,
        key: &str,
        origin: &str,
        size: u64,
        root: [u8; 32],
        proof: Vec<[u8; 32]>,
    ) -> Result<Checkpoint, ClientError> {
        let request = Request::SignCheckpoint {
            key: key.into(),
            origin: origin.into(),
            size,
            root: root.as_slice().into(),
            proof: proof.iter().map(|hash| hash.as_slice().into()).collect(),
        };
        expect!(self.ask(&request).await?, Checkpoint)
    }

    /// The last checkpoint a log key signed.
    pub async fn last_checkpoint(&self, key: &str) -> Result<Option<LastCheckpoint>, ClientError> {
        let request = Request::LastCheckpoint { key: key.into() };
        expect!(self.ask(&request).await?, LastCheckpoint)
    }

    /// Pins the registrar's credential; allowed once.
    pub async fn pin_registrar(
        &self,
        credential_id: Vec<u8>,
        public_key: Vec<u8>,
    ) -> Result<u64, ClientError> {
        let request = Request::PinRegistrar {
            credential_id: credential_id.into(),
            public_key: public_key.into(),
        };
        expect!(self.ask(&request).await?, Recorded)
    }

    /// Pins a consent credential under the registrar's assertion.
    pub async fn pin_consent(
        &self,
        binding: Binding,
        registrar: Assertion,
    ) -> Result<u64, ClientError> {
        let request = Request::PinConsent { binding, registrar };
        expect!(self.ask(&request).await?, Recorded)
    }

    /// Takes a consent credential off a key.
    pub async fn unpin_consent(
        &self,
        credential_id: Vec<u8>,
        key: &str,
        reason: &str,
    ) -> Result<u64, ClientError> {
        let request = Request::UnpinConsent {
            credential_id: credential_id.into(),
            key: key.into(),
            reason: reason.into(),
        };
        expect!(self.ask(&request).await?, Recorded)
    }

    /// The credentials pinned to a key.
    pub async fn credentials(&self, key: &str) -> Result<Vec<PinnedCredential>, ClientError> {
        let request = Request::Credentials { key: key.into() };
        expect!(self.ask(&request).await?, Credentials)
    }

    /// Notes that a signature was destroyed before anybody had it.
    pub async fn destroy_signature(
        &self,
        key: &str,
        signature: Digest,
        reason: &str,
    ) -> Result<u64, ClientError> {
        let request = Request::DestroySignature {
            key: key.into(),
            signature,
            reason: reason.into(),
        };
        expect!(self.ask(&request).await?, Recorded)
    }

    /// Reads the journal from an index on.
    pub async fn journal(&self, from: u64) -> Result<JournalPage, ClientError> {
        expect!(self.ask(&Request::Journal { from }).await?, Journal)
    }

    async fn signed(&self, request: &Request) -> Result<Vec<u8>, ClientError> {
        Ok(expect!(self.ask(request).await?, Signed)?.0)
    }
}
