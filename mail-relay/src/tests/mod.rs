//! The relay from outside: sessions over sockets, the queue against fake servers, pages, statements, kill -9; on both engines.

mod authority;
mod exchange;
mod foreign;
mod kill;
mod pages;
mod queue;
mod smuggling;
mod statements;
mod submission;
mod world;
