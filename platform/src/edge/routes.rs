//! The list of routes with who may call them, that every service exports as `ROUTES` for the authorization coverage test.

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Somebody signed in with a session.
    SignedIn,
    /// A bearer token with this scope.
    Bearer(&'static str),
    /// A client application with its own credentials (token endpoint, introspection).
    Client,
    /// A registrar of the agency concerned.
    Registrar,
    /// Only the machine itself.
    Local,
}

/// Through which lane of the door a request goes: each has its own places, so that one kind of work cannot keep out another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// Always admitted: answered from memory or by one small read, and others depend on it.
    Free,
    /// Pages and interfaces.
    #[default]
    Usual,
    /// Guesses at a secret and costs a hash; counted by network and by caller.
    Secret,
    /// Takes a document; counted by network and by caller.
    Document,
}

impl Lane {
    /// Its name in measures and in `antin routes`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Usual => "usual",
            Self::Secret => "secret",
            Self::Document => "document",
        }
    }
}

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, ….
    pub method: &'static str,
    /// As in the router, with `{name}` for parameters.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Its lane.
    pub lane: Lane,
}

impl Route {
    /// The same route in another lane.
    pub const fn through(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }
}

/// Short for a row of `ROUTES`.
pub const fn route(method: &'static str, path: &'static str, access: Access) -> Route {
    Route {
        method,
        path,
        access,
        lane: Lane::Usual,
    }
}

/// The ground floor's own routes.
pub const ROUTES: &[Route] = &[
    route("GET", "/assets/antin.css", Access::Public).through(Lane::Free),
    route("GET", "/assets/passkey.js", Access::Public).through(Lane::Free),
    route("GET", "/log/checkpoint", Access::Public).through(Lane::Free),
    route("GET", "/log/tile/{*tile}", Access::Public),
    route("GET", "/log/proof/{event}", Access::SignedIn),
];
