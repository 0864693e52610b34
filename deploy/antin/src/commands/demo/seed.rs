//! What the demo needs before its story: authorities, official certificates for the signing officials and the seal, accounts, a client, mailboxes.
//! Each step finds what an earlier run made.

use super::Ports;
use super::neighbours::Government;
use crate::failure::{Failure, unavailable};
use crate::wire_up::Province;
use ca::domain::certificate::{AnchorKind, Holder};
use ca::flows::{
    add_anchor, ceremony, import_list, install_official_certificate, issue_mailbox, prepare_key,
};
use demo::authenticator::SoftwareAuthenticator;
use demo::government_ca::Subject;
use demo::story::people::{Cast, Kit, Role};
use idp::domain::client::Algorithm;
use idp::flows::{create_account, register_client, set_up_first_administrator};
use platform::audit::Actor;
use platform::config::Config;
use platform::db::Conn;
use register::facts;
use std::path::PathBuf;

/// The story's people by staff number (synthetic officials of `officials_6000.csv`).
const CAST: [(Role, &str); 6] = [
    (Role::Registrar, "BD-000020"),
    (Role::ViceChairman, "BD-000002"),
    (Role::Chairman, "BD-000001"),
    (Role::Clerk, "BD-000017"),
    (Role::OfficeChief, "BD-000005"),
    (Role::Recipient, ""),
];
/// Two departments and a commune receive the paper.
const RECIPIENTS: [&str; 3] = ["H08.14", "H08.05", "H08.32.06"];
/// People who get an invitation that nobody uses in the story, for newcomers and browser tests.
const SPARE: [&str; 4] = ["BD-000006", "BD-000007", "BD-000008", "BD-000009"];
/// Where the province's post mailbox belongs.
const PROVINCE: &str = "H08";

/// What later parts need.
pub struct Seeded {
    /// Set-up code, while nobody administers.
    pub setup_code: Option<String>,
    /// The e-office's client.
    pub client_id: String,
    /// Its secret, new at every start.
    pub client_secret: String,
    /// The story's people.
    pub cast_file: PathBuf,
    /// Unused activation links.
    pub invitations: Vec<String>,
    /// A mailbox certificate made to be revoked by a test.
    pub to_revoke: String,
    /// The province's own mailbox certificate.
    pub mailbox: String,
}

const ACTOR: Actor = Actor::System("demo");

/// Runs every step.
pub async fn run(
    province: &Province,
    government: &Government,
    config: &Config,
    ports: Ports,
) -> Result<Seeded, Failure> {
    let ca = &province.ca;
    ceremony::run(ca, &ACTOR)
        .await
        .map_err(unavailable("ceremony"))?;
    trust_government(province, government, ports).await?;
    let mut conn = province
        .ground
        .db
        .read()
        .await
        .map_err(unavailable("database"))?;
    let now = province.ground.now();
    let recipients = recipients(&mut conn, now).await?;
    std::fs::create_dir_all(config.data_dir.join("story")).map_err(unavailable("story folder"))?;
    std::fs::write(
        config.data_dir.join("story").join("recipients.txt"),
        recipients.join("\n"),
    )
    .map_err(unavailable("story folder"))?;
    let cast_file = config.data_dir.join("people.json");
    let mut cast = Cast::open(&cast_file).map_err(unavailable("people.json"))?;
    for (role, staff_no) in CAST {
        if cast.kit(role).is_none() {
            let kit = kit(province, &mut conn, role, staff_no, &recipients, now).await?;
            cast.kits.push(kit);
        }
    }
    cast.save(&cast_file).map_err(unavailable("people.json"))?;
    for role in [Role::ViceChairman, Role::Chairman] {
        if let Some(kit) = cast.kit(role) {
            certify_person(province, government, &mut conn, &kit.person, now).await?;
        }
    }
    certify_seal(province, government, &mut conn, now).await?;
    let mailbox = mailbox(province, &mut conn, "vanthu@binhdinh.test", now).await?;
    let to_revoke = mailbox_for_test(province).await?;
    drop(conn);
    let setup_code = match set_up_first_administrator::issue_code(&province.idp).await {
        Ok(code) => Some(code),
        Err(set_up_first_administrator::SetUpError::Over) => None,
        Err(error) => return Err(Failure::Unavailable(format!("set-up code: {error}"))),
    };
    let invitations = invitations(province).await?;
    let client = register_client::run(
        &province.idp,
        register_client::NewClient {
            id: Some("van-phong-dien-tu".into()),
            name_vi: "Văn phòng điện tử (bản mẫu)".into(),
            name_en: "E-office (demo)".into(),
            redirect_uris: vec![format!("http://127.0.0.1:{}/callback", ports.eoffice)],
            post_logout_redirect_uris: vec![format!("http://127.0.0.1:{}/", ports.eoffice)],
            scopes: "openid profile papers register".into(),
            id_token_alg: Algorithm::Es256,
        },
        ACTOR,
    )
    .await
    .map_err(unavailable("client"))?;
    Ok(Seeded {
        setup_code,
        client_id: client.client_id,
        client_secret: client.client_secret,
        cast_file,
        invitations,
        to_revoke,
        mailbox,
    })
}

async fn trust_government(
    province: &Province,
    government: &Government,
    ports: Ports,
) -> Result<(), Failure> {
    let (root, issuing) = government.certificates();
    let base = format!("http://127.0.0.1:{}/government", ports.government);
    let anchor = add_anchor::NewAnchor {
        kind: AnchorKind::PublicDuty,
        name: "CA công vụ mô phỏng (DEMO)".into(),
        root: root.to_vec(),
        root_list_url: Some(format!("{base}/root.crl")),
        authorities: vec![(issuing.to_vec(), Some(format!("{base}/issuing.crl")))],
    };
    add_anchor::run(&province.ca, &anchor, &ACTOR)
        .await
        .map_err(unavailable("government anchor"))?;
    for list in government.lists()? {
        import_list::run(&province.ca, &list)
            .await
            .map_err(unavailable("government list"))?;
    }
    Ok(())
}

/// Mailbox addresses of the recipients, from the register.
async fn recipients(conn: &mut Conn, now: i64) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for code in RECIPIENTS {
        let agency = facts::agency_by_code(conn, code, now)
            .await
            .map_err(unavailable("register"))?;
        let agency =
            agency.ok_or_else(|| Failure::Internal(format!("the demo register has no {code}")))?;
        all.push(format!("vanthu@{}", agency.mail_domain));
    }
    Ok(all)
}

async fn kit(
    province: &Province,
    conn: &mut Conn,
    role: Role,
    staff_no: &str,
    recipients: &[String],
    now: i64,
) -> Result<Kit, Failure> {
    let person = match role {
        Role::Recipient => {
            keeper_of(conn, recipients.first().map_or("", String::as_str), now).await?
        }
        _ => facts::person_by_staff_no(conn, staff_no)
            .await
            .map_err(unavailable("register"))?,
    };
    let person = person.ok_or_else(|| {
        Failure::Internal(format!(
            "the demo register has nobody for {role:?} {staff_no}"
        ))
    })?;
    let held = facts::posts_of(conn, &person.id, now)
        .await
        .map_err(unavailable("register"))?;
    let title = held
        .first()
        .map(|p| format!("{}, {}", p.title, p.agency_name))
        .unwrap_or_default();
    // The first administrator comes in by the set-up code, everybody else by an invitation.
    let activation = match role {
        Role::Registrar => None,
        _ => Some(
            create_account::run(&province.idp, &person.id, &person.username, ACTOR)
                .await
                .map_err(unavailable("account"))?
                .link,
        ),
    };
    Ok(Kit {
        role,
        person: person.id,
        name: person.full_name,
        username: person.username,
        title,
        activation,
        password: None,
        totp_secret: None,
        authenticator: SoftwareAuthenticator::new(),
        mail_passwords: Vec::new(),
    })
}

/// Somebody whose post keeps this mailbox.
async fn keeper_of(
    conn: &mut Conn,
    address: &str,
    now: i64,
) -> Result<Option<facts::Person>, Failure> {
    let found = facts::mailbox(conn, address, now)
        .await
        .map_err(unavailable("register"))?;
    let Some(facts::MailboxOwner::Post(post)) = found.map(|m| m.owner) else {
        return Ok(None);
    };
    let holders = facts::holders_of(conn, &post, now)
        .await
        .map_err(unavailable("register"))?;
    match holders.first() {
        Some(holder) => facts::person(conn, &holder.person)
            .await
            .map_err(unavailable("register")),
        None => Ok(None),
    }
}

fn serial(province: &Province) -> [u8; 16] {
    province.ground.entropy.bytes()
}

async fn certify_person(
    province: &Province,
    government: &Government,
    conn: &mut Conn,
    person: &str,
    now: i64,
) -> Result<(), Failure> {
    let about = facts::person(conn, person)
        .await
        .map_err(unavailable("register"))?;
    let held = facts::posts_of(conn, person, now)
        .await
        .map_err(unavailable("register"))?;
    let (Some(about), Some(post)) = (about, held.first()) else {
        return Err(Failure::Internal(format!(
            "{person} holds no post in the demo register"
        )));
    };
    let key = prepare_key::run(
        &province.ca,
        &Holder::Person(person.to_owned()),
        Some(&post.appointment),
        &ACTOR,
    )
    .await
    .map_err(unavailable("person key"))?;
    if province
        .signer
        .public_key(&key.key_id)
        .await
        .map_err(unavailable("signer"))?
        .certificate
        .is_some()
    {
        return Ok(());
    }
    let subject = Subject::Person {
        name: &about.full_name,
        title: &post.title,
        agency: &post.agency_name,
        staff_no: &about.staff_no,
        email: about.email.as_deref().unwrap_or("khong-co@binhdinh.test"),
    };
    let der = government.certify(&subject, &key.spki, serial(province))?;
    install_official_certificate::run(&province.ca, &key.key_id, &der, &ACTOR)
        .await
        .map_err(unavailable("person certificate"))?;
    Ok(())
}

async fn certify_seal(
    province: &Province,
    government: &Government,
    conn: &mut Conn,
    now: i64,
) -> Result<(), Failure> {
    let agency = facts::agency_by_code(conn, PROVINCE, now)
        .await
        .map_err(unavailable("register"))?;
    let agency =
        agency.ok_or_else(|| Failure::Internal("the demo register has no province".into()))?;
    let key = prepare_key::run(
        &province.ca,
        &Holder::Agency(agency.id.clone()),
        None,
        &ACTOR,
    )
    .await
    .map_err(unavailable("seal key"))?;
    if province
        .signer
        .public_key(&key.key_id)
        .await
        .map_err(unavailable("signer"))?
        .certificate
        .is_some()
    {
        return Ok(());
    }
    let subject = Subject::Seal {
        agency: &agency.name,
        code: &agency.code,
        email: "vanthu@binhdinh.test",
    };
    let der = government.certify(&subject, &key.spki, serial(province))?;
    install_official_certificate::run(&province.ca, &key.key_id, &der, &ACTOR)
        .await
        .map_err(unavailable("seal certificate"))?;
    Ok(())
}

async fn mailbox(
    province: &Province,
    conn: &mut Conn,
    address: &str,
    now: i64,
) -> Result<String, Failure> {
    let found = facts::mailbox(conn, address, now)
        .await
        .map_err(unavailable("register"))?;
    found
        .ok_or_else(|| Failure::Internal(format!("the demo register has no mailbox {address}")))?;
    let order = issue_mailbox::MailboxOrder {
        address: address.to_owned(),
        display_name: "Văn thư Ủy ban nhân dân tỉnh".into(),
        organisation: "Ủy ban nhân dân tỉnh Bình Định".into(),
        rests_on: None,
    };
    issue_mailbox::run(&province.ca, &order, &ACTOR)
        .await
        .map_err(unavailable("mailbox certificate"))
}

/// A certificate that only exists to be revoked: a mailbox nobody uses.
async fn mailbox_for_test(province: &Province) -> Result<String, Failure> {
    let order = issue_mailbox::MailboxOrder {
        address: format!("thu-hoi-{}@binhdinh.test", province.ground.now()),
        display_name: "Hộp thư để thử thu hồi".into(),
        organisation: "Ủy ban nhân dân tỉnh Bình Định".into(),
        rests_on: None,
    };
    issue_mailbox::run(&province.ca, &order, &ACTOR)
        .await
        .map_err(unavailable("mailbox certificate"))
}

async fn invitations(province: &Province) -> Result<Vec<String>, Failure> {
    let mut links = Vec::new();
    let mut conn = province
        .ground
        .db
        .read()
        .await
        .map_err(unavailable("database"))?;
    for staff_no in SPARE {
        let person = facts::person_by_staff_no(&mut conn, staff_no)
            .await
            .map_err(unavailable("register"))?;
        let Some(person) = person else { continue };
        match create_account::run(&province.idp, &person.id, &person.username, ACTOR).await {
            Ok(invitation) => links.push(invitation.link),
            Err(create_account::CreateAccountError::Activated) => {}
            Err(error) => return Err(Failure::Unavailable(format!("invitation: {error}"))),
        }
    }
    Ok(links)
}
