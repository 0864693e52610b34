//! The door for other servers: our mailboxes only, and verification that cannot come from outside.

use super::world::{CHAIR, Client, DEPUTY, World, mail};

platform::both_engines! {
    async fn strangers_reach_our_mailboxes_and_nothing_else(db: Db) {
        let world = World::new(db).await;
        let mut client = Client::greeted(world.exchange).await;
        Client::expect(&client.say("AUTH PLAIN AGEAYg==").await, "502");
        client.envelope("", &[DEPUTY]).await;
        for (to, code) in [
            ("stranger@example.com", "550 5.7.1"),
            ("thinhnd@binhdinh.test.evil.test", "550 5.7.1"),
            ("thinhnd@evilbinhdinh.test", "550 5.7.1"),
            ("thinhnd%example.com@binhdinh.test", "550 5.1.1"),
            ("nobody@binhdinh.test", "550 5.1.1"),
        ] {
            Client::expect(&client.say(&format!("RCPT TO:<{to}>")).await, code);
        }
        Client::expect(&client.data("From: a@b.test\r\nX-AnTin-Verify: signed=yes;\r\n whole=pass\r\nx-antin-verify : forged\r\n\r\nhi\r\n").await, "550 5.6.0");
        client.envelope("", &[DEPUTY]).await;
        Client::expect(&client.data("From: a@b.test\r\nX-AnTin-Verify: signed=yes;\r\n whole=pass\r\nx-antin-verify: forged\r\nSubject: x\r\n\r\nhi\r\n").await, "250");
        world.run_queue().await;
        let mails = world.new_mail(DEPUTY);
        let text = String::from_utf8(mails[0].clone()).unwrap();
        assert!(text.starts_with("Return-Path: <>\r\n") && text.contains("with ESMTP id msg_"), "{text}");
        assert!(text.contains("\r\nX-AnTin-Verify: signed=no\r\nFrom: a@b.test\r\nSubject: x\r\n\r\nhi\r\n"), "{text}");
        assert_eq!(text.to_ascii_lowercase().matches("x-antin-verify").count(), 1, "{text}");
    }

    async fn a_signed_mail_that_comes_back_is_judged_in_three_answers(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        world.run_queue().await;
        let sent = String::from_utf8(world.new_mail(DEPUTY)[0].clone()).unwrap();
        let cases = [
            (sent.clone(), "signed=yes; whole=pass; trusted=pass; address=pass"),
            (sent.replacen(&format!("<{CHAIR}>\r\nTo"), &format!("<{DEPUTY}>\r\nTo"), 1), "signed=yes; whole=pass; trusted=pass; address=fail"),
            (sent.replace("K=C3=ADnh", "K=C3=ACnh"), "signed=yes; whole=fail; trusted=fail; address=fail"),
        ];
        let mut outside = Client::greeted(world.exchange).await;
        for (mail, words) in cases {
            outside.envelope("a@b.test", &[CHAIR]).await;
            Client::expect(&outside.data(&mail).await, "250");
            world.run_queue().await;
            let found = world.new_mail(CHAIR).into_iter().any(|m| String::from_utf8_lossy(&m).contains(&format!("X-AnTin-Verify: {words}\r\n")));
            assert!(found, "{words}");
        }
        let looped = format!("{}{sent}", "Received: from a by b; now\r\n".repeat(50));
        outside.envelope("a@b.test", &[CHAIR]).await;
        Client::expect(&outside.data(&looped).await, "554 5.4.6");
    }
}
