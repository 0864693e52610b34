//! Steps 1 to 4 and 7: the paper is signed, refused, handed over, numbered, sealed; and refused again when the term is over.

use super::people::{Role, element, pass_sign_in};
use super::{Players, Stage, Step, StoryError, at, expect, keep};
use crate::browser::{Browser, Page};

/// What later steps need of earlier ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    /// Paper in the vice chairman's own field.
    pub inside: String,
    /// Paper handed over to him alone.
    pub outside: String,
    /// Paper of the same field that nobody handed over.
    pub second_outside: String,
    /// The instrument's own paper.
    pub instrument: String,
    /// Last second of the hand-over, as RFC 3339.
    pub noon_after: String,
    /// The sealed paper's bytes.
    pub sealed: Vec<u8>,
    /// Notation of the sealed paper.
    pub notation: String,
    /// Raw mail as it left.
    pub mail_subject: String,
}

const INSIDE: &str = "Phân bổ kinh phí sửa chữa đê biển";
const OUTSIDE: &str = "Công nhận di tích lịch sử - văn hóa cấp tỉnh";
const SECOND: &str = "Khen thưởng tập thể xuất sắc ngành văn hóa";
/// The vice chairman's field.
const OWN_FIELD: &str = "Kinh tế tổng hợp";
/// Another vice chairman's field.
const OTHER_FIELD: &str = "Văn hóa - xã hội";

/// Makes a draft at the e-office and returns its id.
async fn draft(
    stage: &Stage,
    browser: &Browser,
    title: &str,
    field: &str,
) -> Result<String, StoryError> {
    let desk = browser
        .open(&format!("{}/", stage.eoffice))
        .await
        .map_err(at("desk"))?;
    let before = newest(&desk);
    let form = desk
        .form("lap-du-thao")
        .map_err(at("desk"))?
        .with("title", title)
        .with("field", field)
        .with("body", "Điều 1. Nội dung quyết định như tờ trình kèm theo.\nĐiều 2. Quyết định có hiệu lực từ ngày ký.\nĐiều 3. Các cơ quan, đơn vị liên quan chịu trách nhiệm thi hành.");
    let desk = browser.submit(&form).await.map_err(at("draft"))?;
    let id = newest(&desk);
    expect(
        "draft",
        !id.is_empty() && id != before,
        "a new draft on the desk",
        desk.words().chars().take(400).collect::<String>(),
    )?;
    Ok(id)
}

/// Id of the newest paper on the desk.
fn newest(desk: &Page) -> String {
    desk.body
        .split("/papers/")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .filter(|id| id.starts_with("pap_"))
        .unwrap_or_default()
        .to_owned()
}

/// Presses a button of a paper on the desk.
async fn press(
    stage: &Stage,
    browser: &Browser,
    act: &str,
    paper: &str,
) -> Result<Page, StoryError> {
    let desk = browser
        .open(&format!("{}/", stage.eoffice))
        .await
        .map_err(at("desk"))?;
    let form = desk.form(&format!("{act}-{paper}")).map_err(at("desk"))?;
    browser.submit(&form).await.map_err(at("desk"))
}

/// On the consent page: touches the passkey and comes back; the address of the return says the result.
async fn consent(
    players: &mut Players,
    browser: &Browser,
    role: Role,
    page: Page,
    wanted: &str,
) -> Result<Page, StoryError> {
    let kit = players.kit(role)?;
    let page = pass_sign_in(browser, kit, page)
        .await
        .map_err(at("consent page"))?;
    let form = page.form("consent").map_err(at("consent page"))?;
    let page = browser
        .submit_passkey(&form, &mut kit.authenticator)
        .await
        .map_err(at("consent"))?;
    let result = page
        .url
        .query_pairs()
        .find(|(k, _)| k == "result")
        .map(|(_, v)| v.into_owned())
        .unwrap_or_default();
    expect(
        "consent",
        result == wanted,
        wanted,
        format!(
            "{} ({}) {}",
            page.url,
            page.status,
            page.words().chars().take(400).collect::<String>()
        ),
    )?;
    Ok(page)
}

async fn document(stage: &Stage, browser: &Browser, paper: &str) -> Result<Vec<u8>, StoryError> {
    let address = format!("{}/papers/{paper}/document.pdf", stage.eoffice);
    let (status, bytes) = browser.download(&address).await.map_err(at("document"))?;
    expect(
        "document",
        status == 200 && bytes.starts_with(b"%PDF-"),
        "a PDF",
        format!("status {status}"),
    )?;
    Ok(bytes)
}

/// (1) In his own field the vice chairman signs.
pub(super) async fn vice_chairman_signs(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(
        1,
        "Phó Chủ tịch ký quyết định thuộc lĩnh vực được phân công",
    );
    let browser = players.at_the_desk(stage, Role::ViceChairman).await?;
    day.inside = draft(stage, &browser, INSIDE, OWN_FIELD).await?;
    keep(
        stage,
        "1-draft.pdf",
        &document(stage, &browser, &day.inside).await?,
    )?;
    let page = press(stage, &browser, "sign", &day.inside).await?;
    let words = page.words();
    expect(
        "signature block",
        words.contains("TM. ỦY BAN NHÂN DÂN") && words.contains("KT. CHỦ TỊCH"),
        "the block TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH on the consent page",
        words.chars().take(600).collect::<String>(),
    )?;
    consent(players, &browser, Role::ViceChairman, page, "signed").await?;
    keep(
        stage,
        "2-signed.pdf",
        &document(stage, &browser, &day.inside).await?,
    )?;
    step.saw("Đăng nhập một lần bằng khóa; hệ thống trả lời: TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH; đã ký.");
    step.fact("paper", day.inside.clone());
    Ok(step)
}

/// (2) Outside his fields he is refused, with the clause and who could.
pub(super) async fn outside_his_fields(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(
        2,
        "Văn bản ngoài lĩnh vực bị từ chối, nêu căn cứ và người ký được",
    );
    let browser = players.at_the_desk(stage, Role::ViceChairman).await?;
    day.outside = draft(stage, &browser, OUTSIDE, OTHER_FIELD).await?;
    day.second_outside = draft(stage, &browser, SECOND, OTHER_FIELD).await?;
    let page = press(stage, &browser, "sign", &day.outside).await?;
    let code = attribute(&page.body, "data-code");
    let clause = element(&page.body, "can-cu");
    expect(
        "refusal",
        page.status == 403 && code == "outside_assignment",
        "403 outside_assignment",
        format!(
            "{} {code}: {}",
            page.status,
            page.words().chars().take(400).collect::<String>()
        ),
    )?;
    expect(
        "refusal",
        !clause.is_empty(),
        "the clause",
        page.words().chars().take(400).collect::<String>(),
    )?;
    step.saw(format!("Từ chối ({code}); căn cứ: {clause}."));
    step.fact("status", page.status);
    step.fact("code", code);
    step.fact("clause", clause);
    step.fact("paper", day.outside.clone());
    step.fact("words", page.words());
    Ok(step)
}

/// (3) The chairman hands over that one paper until the end of D+3; the vice chairman signs it.
pub(super) async fn chairman_hands_over(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(
        3,
        "Chủ tịch vắng mặt giao riêng một văn bản đến hết ngày D+3; Phó Chủ tịch ký",
    );
    let today = (stage.now)();
    let last = today + 3 * DAY;
    day.noon_after = noon(today + 4 * DAY);
    let browser = players.at_the_province(stage, Role::Chairman).await?;
    let page = browser
        .open(&format!(
            "{}/handovers/new?paper={}",
            stage.issuer, day.outside
        ))
        .await
        .map_err(at("hand-over page"))?;
    let form = page.form("handover").map_err(at("hand-over page"))?;
    let grantee = option_value(&page.body, "Ngô Đức Thịnh");
    expect(
        "hand-over page",
        grantee.starts_with("pst_"),
        "the vice chairman among the deputies",
        page.words().chars().take(600).collect::<String>(),
    )?;
    let form = form
        .with("paper", &day.outside)
        .with("grantee", &grantee)
        .with("until_day", &date_words(last))
        .with(
            "basis",
            "Chủ tịch đi công tác, giao giải quyết riêng văn bản này",
        );
    let page = browser.submit(&form).await.map_err(at("hand-over"))?;
    day.instrument = between(&page.body, "/papers/", "pap_");
    expect(
        "hand-over",
        !day.instrument.is_empty(),
        "a link to the instrument's paper",
        format!(
            "{} ({}) {}",
            page.url,
            page.status,
            page.words().chars().take(600).collect::<String>()
        ),
    )?;
    let paper = browser
        .open(&format!("{}/papers/{}", stage.issuer, day.instrument))
        .await
        .map_err(at("instrument"))?;
    let page = browser
        .submit(&paper.form("sign").map_err(at("instrument"))?)
        .await
        .map_err(at("instrument"))?;
    let kit = players.kit(Role::Chairman)?;
    let form = page.form("consent").map_err(at("instrument consent"))?;
    let page = browser
        .submit_passkey(&form, &mut kit.authenticator)
        .await
        .map_err(at("instrument consent"))?;
    expect(
        "instrument",
        page.status == 200 && page.url.as_str().contains("result=signed"),
        "a signed instrument",
        format!(
            "{} ({}) {}",
            page.url,
            page.status,
            page.words().chars().take(400).collect::<String>()
        ),
    )?;
    let (status, bytes) = browser
        .download(&format!(
            "{}/papers/{}/document.pdf",
            stage.issuer, day.instrument
        ))
        .await
        .map_err(at("instrument"))?;
    expect(
        "instrument",
        status == 200,
        "the instrument's PDF",
        format!("status {status}"),
    )?;
    keep(stage, "3-instrument.pdf", &bytes)?;
    step.saw(format!(
        "Giấy giao việc đã ký, hiệu lực đến hết ngày {}.",
        date_words(last)
    ));

    let browser = players.at_the_desk(stage, Role::ViceChairman).await?;
    let page = press(stage, &browser, "sign", &day.outside).await?;
    consent(players, &browser, Role::ViceChairman, page, "signed").await?;
    keep(
        stage,
        "4-signed-under-handover.pdf",
        &document(stage, &browser, &day.outside).await?,
    )?;
    step.saw("Cùng văn bản ấy nay ký được; văn bản thứ hai ngoài lĩnh vực vẫn không.");
    step.fact("instrument_paper", day.instrument.clone());
    step.fact("paper", day.outside.clone());
    step.fact("until_day", date_words(last));
    Ok(step)
}

/// (4) The clerk cannot seal before the signature; then numbers, dates and seals.
pub(super) async fn clerk_numbers_and_seals(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(
        4,
        "Văn thư: chưa ký thì không đóng dấu; cấp số, ngày; đóng dấu",
    );
    let browser = players.at_the_desk(stage, Role::Clerk).await?;
    let page = press(stage, &browser, "seal", &day.second_outside).await?;
    let code = attribute(&page.body, "data-code");
    expect(
        "seal before the signature",
        page.status == 409 && code == "unsigned",
        "409 unsigned",
        format!(
            "{} {code}: {}",
            page.status,
            page.words().chars().take(400).collect::<String>()
        ),
    )?;
    step.saw("Đóng dấu trước khi ký: từ chối (unsigned).");
    step.fact("early_seal_status", page.status);
    step.fact("early_seal_code", code);
    let numbered = press(stage, &browser, "number", &day.outside).await?;
    let words = numbered.words();
    expect("number and date", numbered.status == 200, "a number", words)?;
    keep(
        stage,
        "5-numbered.pdf",
        &document(stage, &browser, &day.outside).await?,
    )?;
    let page = press(stage, &browser, "seal", &day.outside).await?;
    consent(players, &browser, Role::Clerk, page, "sealed").await?;
    day.sealed = document(stage, &browser, &day.outside).await?;
    keep(stage, "6-sealed.pdf", &day.sealed)?;
    let paper = browser
        .open(&format!("{}/papers/{}", stage.issuer, day.outside))
        .await
        .map_err(at("paper page"))?;
    day.notation = element(&paper.body, "so-ky-hieu");
    step.saw(format!(
        "Đã cấp số {} và đóng dấu Ủy ban nhân dân tỉnh.",
        day.notation
    ));
    step.fact("paper", day.outside.clone());
    step.fact("notation", day.notation.clone());
    Ok(step)
}

/// (7) At noon of D+4 the second paper outside his fields is refused, one inside passes: decisions only.
pub(super) async fn after_the_term(
    stage: &Stage,
    players: &mut Players,
    day: &Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(
        7,
        "Trưa ngày D+4: ngoài lĩnh vực bị từ chối, trong lĩnh vực vẫn được (chỉ hỏi, không ký)",
    );
    let browser = players.at_the_province(stage, Role::ViceChairman).await?;
    for (name, paper, field, wanted) in [
        ("handed_over", &day.outside, OTHER_FIELD, false),
        ("second_outside", &day.second_outside, OTHER_FIELD, false),
        ("inside", &day.inside, OWN_FIELD, true),
    ] {
        let address = format!("{}/decisions", stage.issuer);
        let query = [
            ("action", "sign"),
            ("kind", "quyet_dinh"),
            ("field", field),
            ("paper", paper.as_str()),
            ("at", day.noon_after.as_str()),
        ];
        let url = url::Url::parse_with_params(&address, query).map_err(|e| StoryError::Judge {
            tool: "address",
            said: e.to_string(),
        })?;
        let page = browser
            .open(url.as_str())
            .await
            .map_err(at("decision page"))?;
        let verdict = attribute(&page.body, "data-allowed");
        let code = attribute(&page.body, "data-code");
        expect(
            "decision at D+4",
            page.status == 200 && verdict == wanted.to_string(),
            format!("{name}: allowed={wanted}"),
            format!(
                "{} {verdict} {code}: {}",
                page.status,
                page.words().chars().take(500).collect::<String>()
            ),
        )?;
        step.fact(
            name,
            serde_json::json!({ "allowed": wanted, "code": code, "at": day.noon_after }),
        );
        step.saw(format!(
            "{field}: {}.",
            if wanted {
                "được ký"
            } else {
                "không được ký"
            }
        ));
    }
    Ok(step)
}

const DAY: i64 = 86_400_000;

/// A civil day at +07:00 as dd/mm/yyyy.
fn date_words(ms: i64) -> String {
    let days = (ms + 7 * 3_600_000).div_euclid(DAY);
    let (year, month, day) = civil(days);
    format!("{day:02}/{month:02}/{year}")
}

/// Noon of that civil day at +07:00, RFC 3339.
fn noon(ms: i64) -> String {
    let days = (ms + 7 * 3_600_000).div_euclid(DAY);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T12:00:00+07:00")
}

/// Civil date of a day count since 1970-01-01.
fn civil(days: i64) -> (i16, i8, i8) {
    let epoch = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().days(days);
    epoch
        .checked_add(span)
        .map_or((1970, 1, 1), |d| (d.year(), d.month(), d.day()))
}

/// Value of the first attribute with this name.
fn attribute(body: &str, name: &str) -> String {
    body.split(&format!("{name}=\""))
        .nth(1)
        .and_then(|r| r.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

/// First id with this prefix after this text.
fn between(body: &str, after: &str, prefix: &str) -> String {
    body.split(after)
        .skip(1)
        .find(|rest| rest.starts_with(prefix))
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        })
        .unwrap_or_default()
}

/// Value of the option or radio whose label holds this name.
fn option_value(body: &str, name: &str) -> String {
    let Some(at) = body.find(name) else {
        return String::new();
    };
    let before = body.get(..at).unwrap_or_default();
    before
        .rsplit("value=\"")
        .next()
        .and_then(|r| r.split('"').next())
        .unwrap_or_default()
        .to_owned()
}
