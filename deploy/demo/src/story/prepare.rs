//! Before the day: the first administrator sets up, people activate their accounts, the registrar pins consent credentials.

use super::people::{Kit, Role, activate_with_passkey, activate_with_password, totp};
use super::{Players, Stage, Step, StoryError, at, expect};
use crate::browser::Browser;

/// Runs once per province; on a second run it finds everybody ready.
pub(super) async fn run(stage: &Stage, players: &mut Players) -> Result<Step, StoryError> {
    let mut step = Step::new(
        0,
        "Chuẩn bị: quản trị đầu tiên, kích hoạt tài khoản, gắn khóa đồng ý",
    );
    if let Some(code) = &stage.setup_code {
        set_up(stage, players, code).await?;
        step.saw("Quản trị đầu tiên đã dùng mã thiết lập một lần và đăng ký khóa đăng nhập.");
    }
    for role in Role::ALL {
        let browser = Browser::new().map_err(at("browser"))?;
        let kit = players.kit(role)?;
        if kit.activation.is_none() {
            continue;
        }
        match role {
            Role::OfficeChief => {
                let password = password_for(kit)?;
                activate_with_password(&browser, kit, &password, |secret| {
                    totp(secret, (stage.now)())
                })
                .await
                .map_err(at("activation with password and TOTP"))?;
            }
            _ => activate_with_passkey(&browser, kit)
                .await
                .map_err(at("activation with passkey"))?,
        }
        players.save()?;
    }
    step.saw(
        "Sáu người đã kích hoạt tài khoản: năm bằng khóa đăng nhập, một bằng mật khẩu và mã 6 số.",
    );
    let bound = bind(stage, players).await?;
    step.saw(format!(
        "Người đăng ký đã duyệt {bound} khóa đồng ý mới bằng khóa của mình; bộ ký đã ghim."
    ));
    step.fact("bindings", bound);
    Ok(step)
}

/// A password made at run time, never written in the sources.
fn password_for(kit: &Kit) -> Result<String, StoryError> {
    let mut bytes = [0; 12];
    openssl::rand::rand_bytes(&mut bytes).map_err(|e| StoryError::Judge {
        tool: "system randomness",
        said: e.to_string(),
    })?;
    Ok(format!(
        "{}-{}",
        kit.username,
        data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase()
    ))
}

async fn set_up(stage: &Stage, players: &mut Players, code: &str) -> Result<(), StoryError> {
    let browser = Browser::new().map_err(at("browser"))?;
    let username = players.kit(Role::Registrar)?.username.clone();
    let page = browser
        .open(&format!("{}/setup", stage.issuer))
        .await
        .map_err(at("set-up page"))?;
    let form = page
        .form("setup")
        .map_err(at("set-up page"))?
        .with("code", code)
        .with("username", &username);
    let page = browser.submit(&form).await.map_err(at("set-up code"))?;
    let form = page.passkey_form("create").map_err(at("set-up passkey"))?;
    let kit = players.kit(Role::Registrar)?;
    let page = browser
        .submit_passkey(&form, &mut kit.authenticator)
        .await
        .map_err(at("set-up passkey"))?;
    expect(
        "set-up",
        page.status == 200,
        "the account page",
        format!(
            "{} ({}) {}",
            page.url,
            page.status,
            page.words().chars().take(300).collect::<String>()
        ),
    )?;
    kit.activation = None;
    players.save()
}

/// The registrar approves every pending binding with his passkey; returns how many.
async fn bind(stage: &Stage, players: &mut Players) -> Result<usize, StoryError> {
    let browser = players.at_the_province(stage, Role::Registrar).await?;
    let address = format!("{}/admin/bindings", stage.issuer);
    let page = browser
        .open(&address)
        .await
        .map_err(at("registration desk"))?;
    if let Ok(form) = page.form("collect") {
        browser
            .submit(&form)
            .await
            .map_err(at("registration desk"))?;
    }
    let mut bound = 0;
    loop {
        let page = browser
            .open(&address)
            .await
            .map_err(at("registration desk"))?;
        let Ok(form) = page.passkey_form("get") else {
            break;
        };
        let kit = players.kit(Role::Registrar)?;
        let answer = browser
            .submit_passkey(&form, &mut kit.authenticator)
            .await
            .map_err(at("binding"))?;
        expect(
            "binding",
            answer.status == 200,
            "an approved binding",
            format!(
                "{} {}",
                answer.status,
                answer.words().chars().take(300).collect::<String>()
            ),
        )?;
        bound += 1;
        expect(
            "binding",
            bound <= 40,
            "an end of pending bindings",
            "more than 40",
        )?;
    }
    Ok(bound)
}
