//! Errors of flows as problem documents (RFC 9457): a stable code, a sentence in Vietnamese, the clause, who could.

use crate::flows::number_paper::NumberPaper;
use crate::flows::request_signature::RequestSignature;
use crate::flows::revoke_certificate::RevokeCertificate;
use crate::flows::see_paper::SeePaper;
use crate::flows::submit_paper::SubmitPaper;
use crate::wire::papers::{decision, refusal_words, who_could};
use documents::NumberError;
use http::StatusCode;
use platform::i18n::Lang;
use platform::problem::Problem;
use policies::Words;
use policies::flows::explain::Explanation;

/// A refusal of the authority: 403, or 409 when only the order of steps is wrong.
pub fn refusal(explanation: &Explanation) -> Problem {
    let words = Words::new(Lang::Vi);
    let decided = &explanation.decided;
    let code = decided.code.as_str();
    let status = if code == "unsigned" || code == "stale" {
        StatusCode::CONFLICT
    } else {
        StatusCode::FORBIDDEN
    };
    let usable: Vec<&str> = decided.usable.iter().map(|c| c.as_str()).collect();
    Problem::new(status, code, "Không đúng thẩm quyền")
        .detail(refusal_words(&words, explanation))
        .with("clause", &decided.clause)
        .with("who_could", who_could(explanation))
        .with("usable", usable)
        .with("remedies", &decided.remedies)
        .with("decision", decision(decided))
}

/// 409 before a competent person has signed.
pub fn unsigned() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "unsigned",
        "Chưa có chữ ký của người có thẩm quyền",
    )
    .detail("Văn bản chưa có chữ ký hợp lệ của người có thẩm quyền nên chưa được cấp số hay đóng dấu. Hãy trình người có thẩm quyền ký trước.")
    .with("clause", "Nghị định 30/2020/NĐ-CP, Điều 32 khoản 2")
}

/// Seeing a paper.
pub fn see(error: &SeePaper) -> Problem {
    match error {
        SeePaper::NotFound | SeePaper::Scope(register::rights::ScopeError::NoRight) => {
            Problem::not_found()
        }
        SeePaper::Scope(other) => Problem::internal(other),
        SeePaper::Db(error) => Problem::internal(error),
    }
}

/// Handing a paper in.
pub fn submit(error: SubmitPaper) -> Problem {
    let unfit = |code, detail: String| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code,
            "Văn bản không nhận được",
        )
        .detail(detail)
    };
    match error {
        SubmitPaper::Title => Problem::invalid("Trích yếu trống hoặc dài quá 500 ký tự."),
        SubmitPaper::Kind(kind) => {
            Problem::invalid(format!("Loại văn bản “{kind}” chưa có trong danh mục."))
        }
        SubmitPaper::Agency(agency) => Problem::invalid(format!(
            "Cơ quan “{agency}” không có trong sổ đăng ký hiện nay."
        )),
        SubmitPaper::OtherAgency(_) => Problem::new(
            StatusCode::FORBIDDEN,
            "other_agency",
            "Không dự thảo cho cơ quan này được",
        )
        .detail("Chức vụ đang dùng không thuộc cơ quan ban hành hay đơn vị trực thuộc cơ quan ấy. Hãy chọn đúng cơ quan ban hành, hoặc đăng nhập lại với chức vụ khác."),
        SubmitPaper::TooLarge(limit) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Tệp quá lớn")
                .detail(format!("Tệp lớn hơn {} MB.", limit >> 20))
        }
        SubmitPaper::Unreadable(detail) => unfit(
            "unreadable",
            "Tệp không phải PDF đọc được: bị mã hóa, hỏng, hoặc có phần thừa.".into(),
        )
        .with("reason", detail),
        SubmitPaper::Content(finding) => unfit(
            "content",
            "Tệp chứa nội dung mà văn bản không được có.".into(),
        )
        .with("finding", finding),
        SubmitPaper::Signed => unfit(
            "already_signed",
            "Tệp đã có chữ ký số; hãy nộp bản dự thảo chưa ký.".into(),
        ),
        SubmitPaper::Db(error) => error.into(),
    }
}

/// Asking for a signature or seal.
pub fn request(error: RequestSignature) -> Problem {
    let conflict = |code, detail: &str| {
        Problem::new(StatusCode::CONFLICT, code, "Chưa làm được bước này").detail(detail)
    };
    match error {
        RequestSignature::See(error) => see(&error),
        RequestSignature::NoPost => Problem::new(
            StatusCode::FORBIDDEN,
            "not_in_post",
            "Không đúng thẩm quyền",
        )
        .detail("Phiên làm việc này không chọn chức vụ nào. Hãy đăng nhập lại và chọn chức vụ."),
        RequestSignature::State(wrong) => {
            conflict("wrong_state", "Văn bản đã qua bước này.").with("state", wrong.from.word())
        }
        RequestSignature::ReturnUrl(_) => {
            Problem::invalid("return_url không thuộc ứng dụng đã đăng ký.")
        }
        RequestSignature::Refused(explanation) => refusal(&explanation),
        RequestSignature::Unsigned(why) => {
            tracing::info!(why, "asked before a valid signature");
            unsigned()
        }
        RequestSignature::NotNumbered => {
            conflict("not_numbered", "Văn bản chưa được cấp số và ngày.")
        }
        RequestSignature::NoCertificate(_) => conflict(
            "no_certificate",
            "Không có chứng thư còn hiệu lực cho chữ ký này. Hãy liên hệ bộ phận đăng ký chứng thư.",
        ),
        RequestSignature::Document(error) => {
            tracing::warn!(%error, "the document cannot carry a signature");
            conflict("document", "Tệp này không đặt được chữ ký.")
        }
        RequestSignature::Json(error) => Problem::internal(&error),
        RequestSignature::Changed => conflict("changed", "Văn bản vừa thay đổi; hãy thử lại."),
        RequestSignature::Db(error) => error.into(),
    }
}

/// Entering a number.
pub fn number(error: NumberPaper) -> Problem {
    let conflict = |code, detail: &str| {
        Problem::new(StatusCode::CONFLICT, code, "Chưa cấp được số").detail(detail)
    };
    match error {
        NumberPaper::Request(error) => request(error),
        NumberPaper::State(wrong) => {
            conflict("wrong_state", "Văn bản đã được cấp số.").with("state", wrong.from.word())
        }
        NumberPaper::Document(NumberError::NoFields) => conflict(
            "no_number_fields",
            "Tệp không có ô số và ngày đặt trước khi ký.",
        ),
        NumberPaper::Document(error) => {
            tracing::warn!(%error, "number not entered");
            conflict("document", "Tệp này không ghi được số và ngày.")
        }
        NumberPaper::Busy => Problem::unavailable(1),
        NumberPaper::Use(error) => {
            tracing::info!(%error, "decision not used");
            conflict("stale", "Thẩm quyền vừa thay đổi; hãy thử lại.")
        }
        NumberPaper::Db(error) => error.into(),
    }
}

/// Revoking.
pub fn revoke(error: RevokeCertificate) -> Problem {
    match error {
        RevokeCertificate::NotFound => Problem::not_found(),
        RevokeCertificate::NotRegistrar => Problem::new(
            StatusCode::FORBIDDEN,
            "not_registrar",
            "Chỉ người quản lý đăng ký được thu hồi",
        ),
        RevokeCertificate::NotOurs => Problem::new(
            StatusCode::CONFLICT,
            "not_ours",
            "Chứng thư do nơi khác cấp; nơi cấp mới thu hồi được",
        ),
        RevokeCertificate::Already => Problem::new(
            StatusCode::CONFLICT,
            "already_revoked",
            "Chứng thư đã bị thu hồi trước đó",
        ),
        RevokeCertificate::Db(error) => error.into(),
    }
}
