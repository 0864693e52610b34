//! The submission door: who may send what from which mailbox, said in reply codes.

use super::authority::{openssl, root};
use super::world::{CHAIR, CLERKS, Client, DEPUTY, NOW, World, mail, plain};
use platform::audit::Actor;
use register::flows::end_appointment::{self, EndAppointment};
use std::sync::atomic::Ordering;

platform::both_engines! {
    async fn a_whole_submission_is_signed_queued_and_delivered_as_openssl_accepts_it(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY, CLERKS]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250 2.0.0");
        assert_eq!(world.spooled(), 1);
        Client::expect(&client.say("QUIT").await, "221");
        world.run_queue().await;
        assert_eq!(world.spooled(), 0);
        for to in [DEPUTY, CLERKS] {
            let mails = world.new_mail(to);
            assert_eq!(mails.len(), 1);
            let text = String::from_utf8(mails[0].clone()).unwrap();
            assert!(text.starts_with(&format!("Return-Path: <{CHAIR}>\r\nDelivered-To: {to}\r\nReceived: from submission\r\n")), "{text}");
            assert!(text.contains("with ESMTPSA id msg_") && !text.contains("Bcc:") && text.contains("Message-ID: <mid_") && text.contains("\r\n.hai\r\n"), "{text}");
            let found = world.found(&mails[0]);
            assert!(found.is_good(), "{found:?}");
            assert_eq!((found.address.as_deref(), found.signing_time), (Ok(CHAIR), Some(NOW)));
            std::fs::write(world.folder.join("mail.eml"), &mails[0]).unwrap();
            std::fs::write(world.folder.join("root.pem"), pki::pem::encode("CERTIFICATE", root().der())).unwrap();
            let judge = format!("cms -verify -purpose smimesign -in mail.eml -CAfile root.pem -attime {} -out out", NOW / 1000);
            openssl(&world.folder, &judge).unwrap();
            std::fs::write(world.folder.join("mail.eml"), text.replace("K=C3=ADnh", "K=C3=ACnh")).unwrap();
            assert!(openssl(&world.folder, &judge).is_err());
        }
    }

    async fn before_tls_nobody_signs_in_and_nobody_sends(db: Db) {
        let world = World::new(db).await;
        let password = world.password(CHAIR).await;
        let mut client = Client::new(world.submission).await;
        let said = client.say("EHLO client.test").await;
        assert!(!said.contains("AUTH"), "{said}");
        Client::expect(&client.say(&format!("AUTH PLAIN {}", plain(&password))).await, "538 5.7.11");
        Client::expect(&client.say(&format!("MAIL FROM:<{CHAIR}>")).await, "530 5.7.0");
        Client::expect(&client.say("DATA").await, "503");
    }

    async fn a_wrong_password_is_535_a_right_one_is_not_asked_twice_and_a_revoked_one_is_gone(db: Db) {
        let world = World::new(db).await;
        let mut password = world.password(CHAIR).await;
        let right = plain(&password);
        password.password.push('x');
        let mut client = Client::protected(world.submission).await;
        Client::expect(&client.say(&format!("AUTH PLAIN {}", plain(&password))).await, "535 5.7.8");
        password.username = "nobody".into();
        Client::expect(&client.say(&format!("AUTH PLAIN {}", plain(&password))).await, "535 5.7.8");
        Client::expect(&client.say("AUTH PLAIN !!!!").await, "501");
        Client::expect(&client.say("AUTH LOGIN").await, "504");
        Client::expect(&client.say(&format!("MAIL FROM:<{CHAIR}>")).await, "530 5.7.0");
        Client::expect(&client.say("AUTH PLAIN").await, "334");
        Client::expect(&client.say(&right).await, "235");
        Client::expect(&client.say(&format!("AUTH PLAIN {right}")).await, "503");
        let person = world.person("linhlm").await;
        let all = crate::flows::list_mail_passwords::run(&world.relay, &person).await.unwrap();
        let ended = crate::flows::revoke_mail_password::run(&world.relay, &person, &all[0].id, Actor::System("test")).await.unwrap();
        assert!(ended);
        let mut client = Client::protected(world.submission).await;
        Client::expect(&client.say(&format!("AUTH PLAIN {right}")).await, "535 5.7.8");
    }

    async fn another_mailbox_is_refused_and_an_ended_appointment_at_the_next_message_of_the_same_session(db: Db) {
        let world = World::new(db.clone()).await;
        let mut client = world.signed_in(CHAIR).await;
        Client::expect(&client.say(&format!("MAIL FROM:<{DEPUTY}>")).await, "553 5.7.1");
        Client::expect(&client.say(&format!("MAIL FROM:<{CLERKS}>")).await, "553 5.7.1");
        Client::expect(&client.say("MAIL FROM:<>").await, "550 5.7.1");
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        let ground = world.relay.ground();
        let person = world.person("linhlm").await;
        let held = register::facts::posts_of(&mut db.read().await.unwrap(), &person, NOW).await.unwrap();
        for post in held {
            let command = EndAppointment { appointment: post.appointment, to: NOW, basis: "QĐ 1".into() };
            end_appointment::run(&db, &ground.entropy, NOW, &Actor::System("test"), &command).await.unwrap();
        }
        Client::expect(&client.say(&format!("MAIL FROM:<{CHAIR}>")).await, "553 5.7.1");
    }

    async fn from_is_the_mailbox_and_stands_once_and_the_session_goes_on_after_a_refusal(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        let good = mail(CHAIR, DEPUTY);
        for (bad, code) in [
            (mail(DEPUTY, CHAIR), "550 5.7.1"),
            (format!("From: {CHAIR}\r\n{good}"), "550 5.6.0"),
            (good.replacen("From: ", &format!("From: {DEPUTY} "), 1), "550 5.7.1"),
            (good.replacen("From: ", "X-From: ", 1), "550 5.6.0"),
            (good.replacen("To: ", "To\u{a0}: ", 1), "550 5.6.0"),
            (format!("Content-Type: text/html\r\n{good}"), "550 5.6.0"),
            (good.replace("K=C3=ADnh", "Kính"), "554 5.6.0"),
        ] {
            client.envelope(CHAIR, &[DEPUTY]).await;
            Client::expect(&client.data(&bad).await, code);
        }
        assert_eq!(world.spooled(), 0);
        world.port.none.store(true, Ordering::SeqCst);
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&good).await, "550 5.7.1");
        world.port.none.store(false, Ordering::SeqCst);
        world.port.away.store(true, Ordering::SeqCst);
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&good).await, "451 4.3.0");
        world.port.away.store(false, Ordering::SeqCst);
        assert_eq!(world.spooled(), 0);
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&good).await, "250");
        assert_eq!(world.spooled(), 1);
    }

    async fn limits_are_said_in_their_codes(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        Client::expect(&client.say(&format!("MAIL FROM:<{CHAIR}> SIZE=100001")).await, "552 5.3.4");
        client.envelope(CHAIR, &[DEPUTY, CHAIR, CLERKS]).await;
        Client::expect(&client.say("RCPT TO:<dungpn@vpubnd.binhdinh.test>").await, "452 4.5.3");
        let long = format!("{}{}", mail(CHAIR, DEPUTY), "0123456789\r\n".repeat(9000));
        Client::expect(&client.data(&long).await, "552 5.3.4");
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&format!("{}{}\r\n", mail(CHAIR, DEPUTY), "a".repeat(999))).await, "554 5.6.0");
        Client::expect(&client.say(&"a".repeat(5000)).await, "500");
        Client::expect(&client.say("RCPT TO:<stranger@example.com>").await, "503");
        client.envelope(CHAIR, &[]).await;
        Client::expect(&client.say("RCPT TO:<stranger@example.com>").await, "550 5.1.2");
        Client::expect(&client.say("RCPT TO:<nobody@binhdinh.test>").await, "550 5.1.1");
        assert_eq!(world.spooled(), 0);
    }
}
