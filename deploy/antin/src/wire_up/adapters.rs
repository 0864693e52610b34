//! Adapters of the composition root: each passes the call of one service's trait on to another service.

use super::{Province, Stop};
use crate::failure::{Failure, unavailable};
use ca::{Passkey, PasskeyDirectory, PasskeyDirectoryError};
use platform::Ground;
use platform::config::Config;
use platform::db::Db;
use platform::log::tree::Hash;
use platform::log::{CheckpointSigner, SignedNote, SignerRefused, VerifierKey};
use signer::client::{Client, ClientError};
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The passkeys that sign-in knows, for binding to signer keys.
pub struct Passkeys(pub Db);

impl PasskeyDirectory for Passkeys {
    fn passkeys_of<'a>(
        &'a self,
        person: &'a str,
    ) -> BoxFuture<'a, Result<Vec<Passkey>, PasskeyDirectoryError>> {
        Box::pin(async move {
            let failed = |e: String| PasskeyDirectoryError(e);
            let mut conn = self.0.read().await.map_err(|e| failed(e.to_string()))?;
            let known = idp::passkeys_of(&mut conn, person)
                .await
                .map_err(|e| failed(e.to_string()))?;
            Ok(known
                .into_iter()
                .map(|p| Passkey {
                    credential_id: p.credential_id,
                    cose_key: p.cose_key,
                    label: p.label,
                })
                .collect())
        })
    }
}

/// Checkpoints signed by the signer's log key.
pub struct SignedHeads {
    signer: Client,
    key: String,
    verifier: VerifierKey,
}

impl SignedHeads {
    /// Finds or makes the log key.
    pub async fn open(signer: Client, name: &str) -> Result<Self, ClientError> {
        let info = super::log_key(&signer).await?;
        let raw = info
            .public_key
            .0
            .get(info.public_key.0.len().saturating_sub(32)..)
            .and_then(|k| <[u8; 32]>::try_from(k).ok());
        let verifier = raw
            .and_then(|key| VerifierKey::new(name, key))
            .ok_or_else(|| ClientError::Protocol("the log key is not an Ed25519 key".into()))?;
        Ok(Self {
            signer,
            key: info.key,
            verifier,
        })
    }

    /// The key that verifies its notes.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl CheckpointSigner for SignedHeads {
    fn last_size(&self) -> BoxFuture<'_, Result<u64, SignerRefused>> {
        Box::pin(async move {
            let last = self
                .signer
                .last_checkpoint(&self.key)
                .await
                .map_err(|e| super::refused(&e))?;
            Ok(last.map_or(0, |last| last.size))
        })
    }

    fn sign<'a>(
        &'a self,
        size: u64,
        root: Hash,
        origin: &'a str,
        consistency: &'a [Hash],
        _now: i64,
    ) -> BoxFuture<'a, Result<SignedNote, SignerRefused>> {
        Box::pin(async move {
            let signed = self
                .signer
                .sign_checkpoint(&self.key, origin, size, root, consistency.to_vec())
                .await
                .map_err(|e| super::refused(&e))?;
            Ok(super::note(signed.note))
        })
    }
}

/// Mailbox signatures through certification.
struct MailboxHand(Arc<ca::Ca>);

impl mail_relay::MailboxSigner for MailboxHand {
    fn sign<'a>(
        &'a self,
        address: &'a str,
        digest: [u8; 32],
        signing_time: i64,
        from: &'a str,
    ) -> BoxFuture<'a, Result<Vec<u8>, mail_relay::MailboxSignerError>> {
        use ca::flows::sign_mailbox::{SignMailbox, run};
        Box::pin(async move {
            run(&self.0, address, &digest, signing_time, from)
                .await
                .map_err(|error| match error {
                    SignMailbox::NoCertificate(_) => {
                        mail_relay::MailboxSignerError::NoCertificate(address.to_owned())
                    }
                    other => mail_relay::MailboxSignerError::Refused(other.to_string()),
                })
        })
    }
}

/// What certification trusts, for verifying mail.
struct Trusted(Arc<ca::Ca>);

impl mail_relay::MailTrust for Trusted {
    fn trust(&self) -> mail_relay::Trust {
        let trust = self.0.trust();
        mail_relay::Trust {
            anchors: trust.anchors.clone(),
            intermediates: trust.intermediates.clone(),
            lists: trust.lists.clone(),
        }
    }
}

/// The mail relay with its hand and its trust.
pub async fn mail_relay(
    ground: &Ground,
    config: &Config,
    ca: &Arc<ca::Ca>,
) -> Result<Arc<mail_relay::MailRelay>, Failure> {
    let mut conn = ground.db.read().await.map_err(unavailable("database"))?;
    let mut domains = config.mail.domains.clone();
    if domains.is_empty() {
        // Those of a province that ended too: its addresses forward for a time.
        domains = register::facts::mail_domains(&mut conn)
            .await
            .map_err(unavailable("register"))?;
    }
    drop(conn);
    let mail = config.data_dir.join("mail");
    let settings = mail_relay::MailConfig {
        hostname: config.mail.hostname.clone(),
        domains,
        spool: mail.join("spool"),
        maildir: config
            .mail
            .maildir
            .clone()
            .unwrap_or_else(|| mail.join("maildir")),
        lmtp: config.mail.lmtp,
        smart_host: config.mail.smart_host.clone(),
        limits: mail_relay::Limits::default(),
    };
    mail_relay::MailRelay::new(
        ground.clone(),
        settings,
        Arc::new(MailboxHand(ca.clone())),
        Arc::new(Trusted(ca.clone())),
    )
    .await
    .map_err(unavailable("mail"))
}

/// Passwords of mail programs, for the account page.
pub struct MailProgramPasswords(pub Arc<mail_relay::MailRelay>);

impl idp::MailPasswords for MailProgramPasswords {
    fn list<'a>(
        &'a self,
        person: &'a str,
    ) -> BoxFuture<'a, Result<Vec<idp::MailDevice>, idp::MailPasswordsError>> {
        Box::pin(async move {
            let all = mail_relay::flows::list_mail_passwords::run(&self.0, person)
                .await
                .map_err(|e| idp::MailPasswordsError(e.to_string()))?;
            Ok(all
                .into_iter()
                .map(|d| idp::MailDevice {
                    id: d.id,
                    label: d.label,
                    created_at: d.created_at,
                    last_used: d.last_used,
                })
                .collect())
        })
    }

    fn create<'a>(
        &'a self,
        by: &'a platform::caller::Caller,
        label: &'a str,
    ) -> BoxFuture<'a, Result<idp::NewMailPassword, idp::MailPasswordsError>> {
        Box::pin(async move {
            let made = mail_relay::flows::create_mail_password::run(
                &self.0,
                &by.person,
                label,
                platform::audit::Actor::of(by),
            )
            .await
            .map_err(|e| idp::MailPasswordsError(e.to_string()))?;
            Ok(idp::NewMailPassword {
                username: made.username,
                password: made.password,
                addresses: made.addresses,
            })
        })
    }

    fn revoke<'a>(
        &'a self,
        by: &'a platform::caller::Caller,
        id: &'a str,
    ) -> BoxFuture<'a, Result<(), idp::MailPasswordsError>> {
        Box::pin(async move {
            let ended = mail_relay::flows::revoke_mail_password::run(
                &self.0,
                &by.person,
                id,
                platform::audit::Actor::of(by),
            )
            .await
            .map_err(|e| idp::MailPasswordsError(e.to_string()))?;
            if ended {
                Ok(())
            } else {
                Err(idp::MailPasswordsError("no such device".into()))
            }
        })
    }
}

/// Sets activation letters with the composer of papers.
pub struct LetterPress;

impl idp::LetterComposer for LetterPress {
    fn compose(
        &self,
        title: &str,
        bundles: &[idp::letters::Bundle],
        mark: Option<&str>,
    ) -> Result<Vec<u8>, idp::LetterError> {
        let bundles: Vec<documents::Bundle> = bundles.iter().map(bundle).collect();
        documents::compose_letters(title, &bundles, mark)
            .map_err(|error| idp::LetterError(error.to_string()))
    }
}

fn bundle(bundle: &idp::letters::Bundle) -> documents::Bundle {
    let sheet = &bundle.sheet;
    let rows = sheet.rows.iter().cloned();
    documents::Bundle {
        sheet: documents::ReceiptSheet {
            agency: sheet.agency.clone(),
            title: sheet.title.clone(),
            lead: sheet.lead.clone(),
            columns: sheet.columns.clone(),
            rows: rows
                .map(|[name, staff_no, place]| documents::Receipt {
                    name,
                    staff_no,
                    place,
                })
                .collect(),
            foot: sheet.foot.clone(),
        },
        letters: bundle.letters.iter().map(letter).collect(),
    }
}

fn letter(letter: &idp::letters::Letter) -> documents::SealedLetter {
    let (squares, caption) = &letter.picture;
    documents::SealedLetter {
        sender: letter.sender.clone(),
        mark: letter.mark.clone(),
        name: letter.name.clone(),
        address: letter.address.clone(),
        title: letter.title.clone(),
        lead: letter.lead.clone(),
        facts: letter.facts.clone(),
        secret: letter.secret.clone(),
        picture: Some((
            documents::Squares {
                side: squares.side,
                dark: squares.dark.clone(),
            },
            caption.clone(),
        )),
        steps: letter.steps.clone(),
        notes: letter.notes.clone(),
    }
}

/// Listeners and queue of mail.
pub async fn start_mail(
    province: &Arc<Province>,
    config: &Config,
    stop: &Stop,
    services: &mut JoinSet<()>,
) -> Result<(), Failure> {
    use mail_relay::smtp::listener::{Tls, serve};
    use mail_relay::smtp::session::Door;
    let tls = tls(province, config).await?;
    for (address, door, begin) in [
        (config.mail.submission, Door::Submission, Tls::Offered),
        (config.mail.submissions, Door::Submission, Tls::Implicit),
        (config.mail.mx, Door::Exchange, Tls::Offered),
    ] {
        let listener = TcpListener::bind(address).await.map_err(|e| Failure::Unavailable(format!("{address} cannot be listened on: {e}. Stop what uses it, or set another address under [mail]")))?;
        services.spawn(serve(
            province.mail.clone(),
            listener,
            door,
            tls.clone(),
            begin,
            stop.clone().heard(),
        ));
    }
    services.spawn(mail_relay::jobs::run_queue::run(
        province.mail.clone(),
        stop.clone().heard(),
    ));
    Ok(())
}

/// The listeners' certificate: the configured one, or one of our own for the relay's name.
async fn tls(province: &Province, config: &Config) -> Result<Arc<rustls::ServerConfig>, Failure> {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let failed = unavailable::<String>("mail TLS");
    let (chain, key) = match (&config.mail.tls_certificate, &config.mail.tls_key) {
        (Some(certificate), Some(key)) => {
            let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
                .map_err(|e| failed(e.to_string()))?
                .collect();
            (
                chain.map_err(|e| failed(e.to_string()))?,
                PrivateKeyDer::from_pem_file(key).map_err(|e| failed(e.to_string()))?,
            )
        }
        _ => {
            let made = ca::flows::issue_tls::run(
                &province.ca,
                &[config.mail.hostname.as_str()],
                &platform::audit::Actor::System("serve"),
            )
            .await
            .map_err(|e| failed(e.to_string()))?;
            let chain: Result<Vec<_>, _> =
                CertificateDer::pem_slice_iter(made.chain_pem.as_bytes()).collect();
            let key = PrivateKeyDer::try_from(made.private_key_pkcs8)
                .map_err(|e| failed(e.to_owned()))?;
            (chain.map_err(|e| failed(e.to_string()))?, key)
        }
    };
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| failed(e.to_string()))?;
    Ok(Arc::new(server))
}
