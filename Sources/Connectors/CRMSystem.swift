public import CurlHTTP

/// A system outside that can be read and written: one class for each, in a folder of its own.
///
/// What is shared stands elsewhere, once: sending, retries and limits (`CRMSession`), what fields mean (`ConnectorMapping`), how values are
/// compared (`ValueForm`), batches (`pushHalving`), the outbox and dead letters (the store). A system knows its addresses, its bodies,
/// and what its answers mean.
///
/// A system belongs to one thread. Every call may throw `ConnectorError` and `HTTPError`.
public protocol CRMSystem: AnyObject {
    /// The address that the one that was given leads to; nil where that is the one to ask.
    func located() throws -> String?

    /// The kinds of records and their fields, as the system describes them.
    func discover() throws -> [RemoteObject]

    /// The next page of what has changed.
    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage

    /// Writes records; as many outcomes as operations, in whatever order.
    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome]

    /// Records as they are now; those that are gone are left out.
    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord]

    /// Who works with the system, as fields of the form `user` name them; nobody where it does not tell.
    func users() throws -> [RemoteUser]

    /// Records that a pull told, with their associations, where these are asked for apart; a record of which nothing is told is left as it is.
    func associated(_ records: [RemoteRecord], of object: MappedObject) throws -> [RemoteRecord]

    /// Whether parts in decisions stand apart, so that a pull tells who belongs to what without them.
    var tellsRolesApart: Bool { get }

    /// Which of an object's associations the system neither tells nor takes, such as those of a module that is not there.
    func untellable(_ object: MappedObject) throws -> Set<String>

    /// Whether an association can be gone without the clock of the record that it belonged to; then those who belong to a changed
    /// record are read again, and all whenever all ids are compared.
    var associationsMissClocks: Bool { get }

    /// The records that carry these ids of ours: after a reply was lost.
    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord]

    /// A page of all ids that exist, and their clocks; what is archived is among them.
    ///
    /// - Parameter place: what the page before gave as its `next`.
    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage

    /// The lists of a kind of records that there are; none where the system has no lists.
    func lists(of object: MappedObject) throws -> [RemoteList]

    /// One list as it is now, which `lists` did not tell; nil where it is gone.
    func list(_ id: String, of object: MappedObject) throws -> RemoteList?

    /// Who stands on a list: all of them.
    func members(ofList id: String, of object: MappedObject) throws -> [RemoteMembership]

    /// On which lists a record stands: all of them.
    func memberships(of id: String, of object: MappedObject) throws -> [RemoteMembership]

    /// What an answer means, whatever its status says.
    func classify(_ response: HTTPResponse) -> Verdict

    /// Gets another token by what the secret holds; false where it holds nothing for that.
    func refreshAuthorization() throws -> Bool
}

extension CRMSystem {
    public func located() throws -> String? { nil }

    public func users() throws -> [RemoteUser] { [] }

    public func associated(_ records: [RemoteRecord], of object: MappedObject) throws -> [RemoteRecord] { records }

    public var tellsRolesApart: Bool { false }

    public func untellable(_ object: MappedObject) throws -> Set<String> { [] }

    public var associationsMissClocks: Bool { false }

    public func lists(of object: MappedObject) throws -> [RemoteList] { [] }

    public func list(_ id: String, of object: MappedObject) throws -> RemoteList? { nil }

    public func members(ofList id: String, of object: MappedObject) throws -> [RemoteMembership] { [] }

    public func memberships(of id: String, of object: MappedObject) throws -> [RemoteMembership] { [] }

    public func refreshAuthorization() throws -> Bool { false }
}

/// What an answer means.
public enum Verdict: Sendable, Equatable {
    case ok
    /// The same may succeed later; the system says when, or not.
    case retry(afterMicroseconds: Int64?)
    /// The token is no longer good.
    case refreshAuthorization
    /// The record has changed since it was read.
    case conflict
    /// The same will never succeed.
    case reject(Rejection)
    /// There is no such record.
    case gone
    /// No request will succeed for a while: a daily quota is spent. In microseconds since 1970.
    case stop(until: Int64?)
}

extension Verdict {
    /// What a status means where the body says nothing else (RFC 9110, RFC 6585).
    ///
    /// - Parameter now: microseconds since 1970, for a `Retry-After` that names a date.
    public init(status response: HTTPResponse, now: Int64) {
        switch response.status {
        case 200..<300, 304: self = .ok
        case 401: self = .refreshAuthorization
        case 404, 410: self = .gone
        case 409, 412: self = .conflict
        case 408, 423, 425, 429, 500, 502, 503, 504: self = .retry(afterMicroseconds: RetryAfter.microseconds(response, now: now))
        default: self = .reject(Rejection(code: String(response.status)))
        }
    }
}
