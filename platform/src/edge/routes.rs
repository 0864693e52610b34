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

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, ….
    pub method: &'static str,
    /// As in the router, with `{name}` for parameters.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// Short for a row of `ROUTES`.
pub const fn route(method: &'static str, path: &'static str, access: Access) -> Route {
    Route {
        method,
        path,
        access,
    }
}

/// The ground floor's own routes.
pub const ROUTES: &[Route] = &[
    route("GET", "/assets/antin.css", Access::Public),
    route("GET", "/assets/passkey.js", Access::Public),
    route("GET", "/log/checkpoint", Access::Public),
    route("GET", "/log/tile/{*tile}", Access::Public),
    route("GET", "/log/proof/{event}", Access::SignedIn),
];
