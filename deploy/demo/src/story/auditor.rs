//! Step 8: the auditor checks the log and replays the day; and the story's report for newcomers.
//! Standard: RFC 6962 §2.1; C2SP tlog-checkpoint

use super::papers::Day;
use super::people::Role;
use super::{Players, Stage, Step, StoryError, at, expect, keep};

/// (8) The log is whole, and the decisions of the day, replayed as known then, are those that were used.
pub(super) async fn replays_the_day(
    stage: &Stage,
    players: &mut Players,
    day: &Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(8, "Kiểm tra viên dựng lại ngày làm việc từ nhật ký");
    let said = run(stage, &["log", "verify"])?;
    step.saw(said.lines().last().unwrap_or_default().to_owned());
    let said = run(stage, &["log", "replay"])?;
    step.saw(said.lines().last().unwrap_or_default().to_owned());
    step.fact("replay", said);
    let browser = players.at_the_province(stage, Role::Registrar).await?;
    let page = browser
        .open(&format!("{}/papers/{}", stage.issuer, day.outside))
        .await
        .map_err(at("paper page"))?;
    // An administrator sees no business papers: the register of people is his, the papers are not.
    expect(
        "administrator and papers",
        page.status == 403 || page.status == 404,
        "403 or 404",
        format!(
            "{} {}",
            page.status,
            page.words().chars().take(200).collect::<String>()
        ),
    )?;
    step.saw("Quản trị hệ thống không mở được văn bản nghiệp vụ.");
    Ok(step)
}

/// `antin COMMAND --data DIR`, which talks to the running program or reads its files.
fn run(stage: &Stage, command: &[&str]) -> Result<String, StoryError> {
    let output = std::process::Command::new(&stage.binary)
        .args(command)
        .arg("--data")
        .arg(&stage.data)
        .output()
        .map_err(|source| StoryError::File {
            path: stage.binary.clone(),
            source,
        })?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    Err(StoryError::Judge {
        tool: "antin",
        said: format!(
            "{}: {said}{}",
            command.join(" "),
            String::from_utf8_lossy(&output.stderr)
        ),
    })
}

/// Writes `story.json` and a README that says how to check each artefact with foreign tools.
pub(super) fn write_report(stage: &Stage, steps: &[Step]) -> Result<(), StoryError> {
    let text = serde_json::to_vec_pretty(steps).map_err(|e| StoryError::Judge {
        tool: "json",
        said: e.to_string(),
    })?;
    keep(stage, "story.json", &text)?;
    keep(
        stage,
        "README.md",
        include_bytes!("../../templates/story-readme.md"),
    )?;
    Ok(())
}
