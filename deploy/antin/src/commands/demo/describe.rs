//! `demo.json` and the anchors folder: what newcomers and tests start from. Owner-readable only.

use super::Ports;
use super::seed::Seeded;
use crate::failure::{Failure, internal, unavailable};
use crate::wire_up::Province;
use ca::store::certificates;
use demo::story::people::{Cast, Role, write_private};
use platform::config::Config;
use serde_json::{Value, json};
use std::path::Path;

/// Writes certificates or lists as PEM into `<data>/anchors`.
pub fn pem(data: &Path, name: &str, label: &str, ders: &[&[u8]]) -> Result<(), Failure> {
    let folder = data.join("anchors");
    std::fs::create_dir_all(&folder).map_err(unavailable("anchors"))?;
    let text: String = ders
        .iter()
        .map(|der| pki::pem::encode(label, der))
        .collect();
    std::fs::write(folder.join(name), text).map_err(unavailable("anchors"))
}

fn save(config: &Config, value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(value).map_err(internal("demo.json"))?;
    write_private(&config.data_dir.join("demo.json"), &text).map_err(unavailable("demo.json"))
}

fn base(config: &Config, ports: Ports, seeded: &Seeded) -> Value {
    json!({
        "notice": "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ",
        "issuer": config.public_url.origin().ascii_serialization(),
        "status_url": config.status_url.origin().ascii_serialization(),
        "eoffice": format!("http://127.0.0.1:{}", ports.eoffice),
        "ports": ports,
        "people": "people.json",
        "clients": [{ "client_id": seeded.client_id, "client_secret": seeded.client_secret, "redirect_uri": format!("http://127.0.0.1:{}/callback", ports.eoffice) }],
        "invitations": seeded.invitations,
        "certificates": { "to_revoke": seeded.to_revoke, "mailbox": seeded.mailbox },
        "anchors": "anchors",
    })
}

/// Our own authorities as PEM files; the address of the list that the TSA's certificate names.
async fn own_anchors(config: &Config, province: &Province) -> Result<String, Failure> {
    let mut conn = province
        .ground
        .db
        .read()
        .await
        .map_err(unavailable("database"))?;
    let now = province.ground.now();
    let mut crl_url = String::new();
    for (name, service) in [
        ("own-root.pem", "root"),
        ("own-issuing.pem", "issuing"),
        ("tsa.pem", "tsa"),
        ("ocsp.pem", "ocsp"),
    ] {
        let holder = ca::domain::certificate::Holder::Service(service.into());
        let found = certificates::in_force(&mut conn, &holder, now)
            .await
            .map_err(unavailable("certificates"))?;
        let found =
            found.ok_or_else(|| Failure::Internal(format!("no certificate of {service}")))?;
        pem(&config.data_dir, name, "CERTIFICATE", &[&found.der])?;
        if service == "tsa" {
            let parsed = pki::certificate::Certificate::parse(&found.der)
                .map_err(internal("certificate"))?;
            crl_url = parsed
                .crl_urls()
                .first()
                .map(|u| (*u).to_owned())
                .unwrap_or_default();
        }
    }
    Ok(crl_url)
}

/// Before the story.
pub async fn write(
    config: &Config,
    province: &Province,
    ports: Ports,
    seeded: &Seeded,
    signer: Option<u32>,
) -> Result<(), Failure> {
    own_anchors(config, province).await?;
    let mut all = base(config, ports, seeded);
    if let Some(map) = all.as_object_mut() {
        map.insert("signer_process".into(), json!(signer));
    }
    save(config, &all)
}

/// After the story: certificates and lists for foreign tools, papers, mail passwords, pages to look at.
pub async fn finish(
    config: &Config,
    province: &Province,
    ports: Ports,
    seeded: &Seeded,
) -> Result<(), Failure> {
    let data = &config.data_dir;
    let crl_url = own_anchors(config, province).await?;
    let mut conn = province
        .ground
        .db
        .read()
        .await
        .map_err(unavailable("database"))?;
    let now = province.ground.now();
    let mut lists = Vec::new();
    for authority in ["root", "issuing"] {
        let list = ca::store::revocations::newest_list(&mut conn, authority)
            .await
            .map_err(unavailable("list"))?;
        lists.extend(list.map(|l| l.der));
    }
    pem(
        data,
        "own-crls.pem",
        "X509 CRL",
        &lists.iter().map(Vec::as_slice).collect::<Vec<_>>(),
    )?;
    for (name, id) in [
        ("mailbox.pem", &seeded.mailbox),
        ("to-revoke.pem", &seeded.to_revoke),
    ] {
        let found = certificates::by_id(&mut conn, id)
            .await
            .map_err(unavailable("certificates"))?;
        let found = found.ok_or_else(|| Failure::Internal(format!("no certificate {id}")))?;
        pem(data, name, "CERTIFICATE", &[&found.der])?;
    }
    let cast = Cast::open(&seeded.cast_file).map_err(unavailable("people.json"))?;
    let person_of = |role| cast.kit(role).map(|k| k.person.clone()).unwrap_or_default();
    let holder = ca::domain::certificate::Holder::Person(person_of(Role::ViceChairman));
    if let Some(found) = certificates::in_force(&mut conn, &holder, now)
        .await
        .map_err(unavailable("certificates"))?
    {
        pem(data, "vice-chairman.pem", "CERTIFICATE", &[&found.der])?;
    }
    drop(conn);
    let status_name = crl_url.split("/crl").next().unwrap_or_default().to_owned();
    let mail = cast
        .kit(Role::Clerk)
        .and_then(|k| k.mail_passwords.first().cloned())
        .unwrap_or_default();
    let story =
        std::fs::read(data.join("story").join("story.json")).map_err(unavailable("story.json"))?;
    let story: Value = serde_json::from_slice(&story).map_err(internal("story.json"))?;
    let fact = |step: usize, name: &str| {
        story
            .pointer(&format!("/{step}/facts/{name}"))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let mut all = base(config, ports, seeded);
    if let Some(map) = all.as_object_mut() {
        map.insert("crl_url".into(), json!(crl_url));
        map.insert("status_name".into(), json!(status_name));
        map.insert(
            "mail".into(),
            json!({ "username": mail.0, "password": mail.1 }),
        );
        map.insert("story".into(), json!({ "signed_paper": fact(1, "paper"), "handed_over_paper": fact(3, "paper"), "instrument_paper": fact(3, "instrument_paper") }));
        map.insert(
            "pages".into(),
            pages(
                config,
                seeded,
                &cast,
                &fact(3, "paper"),
                &fact(3, "instrument_paper"),
            ),
        );
    }
    save(config, &all)
}

/// Every page by who looks at it.
fn pages(
    config: &Config,
    seeded: &Seeded,
    cast: &Cast,
    paper: &Value,
    instrument: &Value,
) -> Value {
    let issuer = config.public_url.origin().ascii_serialization();
    let all = |paths: &[String]| {
        paths
            .iter()
            .map(|p| format!("{issuer}{p}"))
            .collect::<Vec<_>>()
    };
    let paper = paper.as_str().unwrap_or_default();
    let instrument = instrument.as_str().unwrap_or_default();
    let person = cast
        .kit(Role::ViceChairman)
        .map(|k| k.person.clone())
        .unwrap_or_default();
    json!({
        "public": all(&["/".into(), "/login".into(), "/verify".into(), "/activate".into(), "/khong-co-trang-nay".into()]),
        "vice_chairman": all(&["/".into(), "/papers".into(), format!("/papers/{paper}"), "/decisions?action=sign&kind=quyet_dinh&field=Kinh+t%E1%BA%BF+t%E1%BB%95ng+h%E1%BB%A3p".into(),
            "/decisions?action=sign&kind=quyet_dinh&field=V%C4%83n+h%C3%B3a+-+x%C3%A3+h%E1%BB%99i".into(), "/account".into(), "/organisation".into(), format!("/people/{person}"), "/search?q=nguyen".into(), "/mail/verify".into(), "/logout".into()]),
        "chairman": all(&["/handovers/new".into(), format!("/papers/{instrument}")]),
        "registrar": all(&["/admin/bindings".into(), "/certificates".into(), format!("/certificates/{}", seeded.mailbox), "/admin/mail".into(), "/admin/imports".into(), "/admin/letters".into(),
            "/admin".into(), "/admin/rights".into(), "/admin/rights/new".into(), "/admin/proposals".into(), "/admin/people/new".into(), format!("/admin/people/{person}/correct"), format!("/admin/people/{person}/erase"),
            format!("/admin/appointments/new?person={person}"), "/admin/assignments/new?kind=field".into(), "/admin/calendar".into(), "/admin/quality".into(), "/notices".into(), "/admin/feeds".into(), format!("/admin/history/person/{person}"), format!("/people/{person}"), "/admin/plans".into()]),
    })
}
