//! swaks as the mail program.

use super::world::{CHAIR, DEPUTY, World, mail};

platform::both_engines! {
    async fn swaks_hands_in_a_mail_that_arrives_signed(db: Db) {
        let world = World::new(db).await;
        let password = world.password(CHAIR).await;
        std::fs::write(world.folder.join("mail.eml"), mail(CHAIR, DEPUTY).replace("\r\n", "\n")).unwrap();
        let run = |secret: String| {
            let file = world.folder.join("mail.eml");
            let port = world.submission.port().to_string();
            let name = password.username.clone();
            tokio::task::spawn_blocking(move || {
                std::process::Command::new("swaks")
                    .args(["--server", "127.0.0.1", "--port", &port, "--tls", "--auth", "PLAIN", "-au", &name, "-ap", &secret, "--from", CHAIR, "--to", DEPUTY, "--helo", "client.test", "--data"])
                    .arg(format!("@{}", file.display()))
                    .output()
                    .expect("swaks is installed")
            })
        };
        let refused = run("wrong".into()).await.unwrap();
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stdout).contains("535 5.7.8"));
        let done = run(password.password.clone()).await.unwrap();
        assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        world.run_queue().await;
        let mails = world.new_mail(DEPUTY);
        assert_eq!(mails.len(), 1);
        assert!(world.found(&mails[0]).is_good());
    }
}
