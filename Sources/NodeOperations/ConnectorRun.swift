internal import Causality
internal import Connectors
internal import CurlHTTP
internal import Foundation
internal import NodeEnvironment
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// How a system outside is reached.
public struct ConnectorOptions {
    /// A file of authorities that replaces the machine's.
    public var certificateAuthorityFile: String?
    public var userAgent = "limn"
    /// Whether all ids are compared although it is not due.
    public var reconciles = false
    /// Whether it is right that most of what was known is gone.
    public var acceptsDeletes = false
    /// How long a request waits before it is sent again; tests do not wait.
    public var sleep: @Sendable (_ microseconds: Int64) -> Void = { Thread.sleep(forTimeInterval: Double($0) / 1_000_000) }
    /// Is told how many records were read and written.
    public var progress: (ConnectorCounts) -> Void = { _ in }

    public init() {}

    func client(allowsPlainText: Bool) -> HTTPClient.Options {
        var client = HTTPClient.Options(userAgent: userAgent)
        client.certificateAuthorityFile = certificateAuthorityFile
        client.allowsPlainText = allowsPlainText
        return client
    }
}

/// What a round with a system did.
public struct ConnectorCounts: Sendable, Equatable {
    /// Records that the system sent.
    public var read = 0
    public var created = 0
    public var updated = 0
    public var unchanged = 0
    /// Records that are gone in the system, or put away.
    public var gone = 0
    /// Values sent to review.
    public var flagged = 0
    /// Records that are erased here, or kept elsewhere, and were left out.
    public var left = 0
    /// Records made in the system, and changed there.
    public var made = 0
    public var written = 0
    /// What became a dead letter.
    public var refused = 0
    /// Values that the system does not keep as they are given.
    public var rewritten = 0
    public var requests = 0

    public init() {}
}

/// A system outside, opened by its owner: what the use cases share.
final class ConnectorRun {
    let node: Node
    let connector: Connector
    let mapping: ConnectorMapping
    private let opened: (system: any CRMSystem, session: CRMSession)
    private let ahead: PageAhead
    /// As the system says of itself.
    let tellsRolesApart: Bool, associationsMissClocks: Bool
    let options: ConnectorOptions
    let operation: OperationID
    let fields: FieldInput
    var state: ConnectorState
    var counts = ConnectorCounts()
    /// How many records were made of which the search index may not know.
    var unindexed = 0
    /// Who works with the system, once that was asked.
    var knownUsers: [RemoteUser]?
    /// What is computed of customers, by object, once that was done.
    var computed: [String: ComputedValues] = [:]
    /// What is known of the system's lists, by object, once that was looked up.
    var knownLists: [String: ListDirectory] = [:]
    /// Of these the ones that are written, by the cells of their tags.
    var writtenLists: [String: [CellKey: [ListDirectory.Entry]]] = [:]
    /// Associations that the system neither tells nor takes, by objects, once that was asked.
    var untellable: [String: Set<String>] = [:]
    private var prepared: [String: PreparedObject] = [:]

    /// A mapped field with the field of the catalogue that it is: a reference, because its parts are many to copy.
    final class PreparedField {
        let mapped: MappedField
        let field: Field
        let form: StandardForm
        let number: UInt64
        let isSet: Bool
        /// Whether what the system says is read.
        let isRead: Bool

        init(mapped: MappedField, field: Field, form: StandardForm) {
            self.mapped = mapped
            self.field = field
            self.form = form
            (number, isSet, isRead) = (field.id.rawValue, field.isSet, mapped.direction != .out)
        }
    }

    /// What each record of an object asks of its mapping.
    struct PreparedObject {
        let fields: [PreparedField]
        /// Fields for which the mapping says who is right.
        let decided: [PreparedField]
        /// The remote names of fields that hold somebody who works with the system.
        let userFields: [String]
        /// Whether records of an object may name one of this.
        let isNamed: Bool
    }

    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`, `crm.no-secret`, `crm.suspended`, `crm.mapping-*`.
    init(_ node: Node, _ name: String, _ options: ConnectorOptions) throws {
        self.node = node
        self.options = options
        operation = node.environment.newID()
        let (connector, found, own, fields) = try node.store.read { reader in
            (try reader.connector(named: name), try reader.connectorState(name), try reader.node(), try FieldInput(reader))
        }
        guard connector.owner == own.id else {
            throw NodeError("crm.owned-elsewhere", ["name": name, "owner": connector.ownerName], retry: .afterSomeoneActs)
        }
        let keys = node.keys
        guard let secret = try keys.secret(KeyName.connector(name)) else {
            throw NodeError("crm.no-secret", ["name": name], retry: .afterSomeoneActs)
        }
        var state = found ?? ConnectorState(name: name)
        if let until = state.suspendedUntil, until > node.environment.now() {
            throw NodeError("crm.suspended", ["until": Timestamp.text(microseconds: until.rawValue)], retry: .afterBackOff)
        }
        mapping = try Node.mapping(connector)
        let text = mapping.text
        if state.mapping != text {
            // Another mapping reads all again, unless only who is in a segment is another.
            let isReadOtherwise = (try? ConnectorMapping(text: state.mapping))?.withoutExpressions != mapping.withoutExpressions
            if isReadOtherwise { state.generation += 1 }
            (state.mapping, state.pushedFeed) = (text, 0)
        }
        self.connector = connector
        self.state = state
        self.fields = fields
        let environment = node.environment
        let ahead = PageAhead()
        self.ahead = ahead
        opened = try CRMSystems.open(
            connector.system, mapping: mapping, baseURL: connector.url, secret: ConnectorSecret(text: secret),
            client: options.client(allowsPlainText: connector.allowsPlainText),
            surroundings: .init(
                now: { environment.now().rawValue }, sleep: options.sleep, random: { environment.random() },
                isCancelled: { node.isCancelled() || ahead.isUnwanted })
        ) { renewed in
            // Whoever has taken the system back meanwhile took its secret too.
            try keys.change { if $0[KeyName.connector(name)] != nil { $0[KeyName.connector(name)] = renewed.text } }
        }
        (tellsRolesApart, associationsMissClocks) = (opened.system.tellsRolesApart, opened.system.associationsMissClocks)
    }

    var name: String { connector.name }

    // MARK: Asking the system

    /// The system, once no page is under way: it is asked by one thread at a time. Whoever asks has taken a page that none follows, or begun none.
    var system: any CRMSystem {
        ahead.settle()
        return opened.system
    }

    /// How many requests were sent.
    private var requests: Int {
        ahead.settle()
        return opened.session.requests
    }

    /// Begins to read pages, for `takeAhead`: behind one that may ask more none is, until that was asked. Behind one that asked nothing the next
    /// is not expected to either, so that the one behind that may be asked for before it was read.
    func readAhead(_ object: MappedObject, from cursor: PullCursor) throws {
        let (system, session) = opened, environment = node.environment
        session.sendsAhead = false
        try ahead.begin(from: cursor, reading: reading(of: object)) {
            defer { session.sendsAhead = true }
            return (try system.pull(object, from: $0), environment.now())
        }
    }

    /// The next page that is read ahead; nil where it has not come within the time.
    func takeAhead(withinMilliseconds milliseconds: Int) throws -> PageAhead.Page? { try ahead.take(withinMilliseconds: milliseconds) }

    /// Gives up what is read ahead, whether it has come or not.
    func leaveAhead() {
        ahead.leave()
        opened.session.dropAhead()
    }

    // MARK: Its mapping

    func fields(of object: MappedObject) throws -> [PreparedField] { try prepared(object).fields }

    func prepared(_ object: MappedObject) throws -> PreparedObject {
        if let known = prepared[object.name] { return known }
        let made = try object.fields.map { mapped in
            let field = try object.isEvent ? ImportPlan.eventField(mapped.local) : fields.field(mapped.local)
            return PreparedField(mapped: mapped, field: field, form: fields.form(of: field))
        }
        let all = PreparedObject(
            fields: made,
            decided: made.filter { [.remote, .newest].contains($0.mapped.authority) && !$0.field.isSet && $0.mapped.direction != .out },
            userFields: object.fields.filter { $0.form.kind == .user }.map(\.remote),
            isNamed: mapping.objects.contains { $0.associations.contains { $0.object == object.name } })
        prepared[object.name] = all
        return all
    }

    /// The external id of one of the system's records.
    func externalID(_ remoteID: String, _ object: MappedObject) -> String { "\(name):\(object.idPrefix)\(remoteID)" }

    var authorship: Authorship { Authorship(author: node.author, source: name, operation: operation) }

    /// Keeps how a round ended.
    func keep(_ change: (inout ConnectorState) -> Void) throws {
        try node.store.write { writer in
            change(&state)
            try keep(writer)
        }
    }

    /// Keeps the state as it is.
    func keep(_ writer: StoreWriter) throws { try writer.put(state) }

    /// Runs a round, keeps what stopped it, and throws that.
    ///
    /// - Throws: also `crm.busy` where another process is in a round with the system.
    func round(_ body: () throws -> Void, end: (inout ConnectorState) -> Void) throws {
        let turn = try RoundTurn(node.store.read { try $0.connectorID(name) }, of: node, name)
        defer { withExtendedLifetime(turn) {} }
        do {
            try body()
            counts.requests = requests
            try keep { state in
                state.error = nil
                state.errorParameters = nil
                state.suspendedUntil = nil
                end(&state)
            }
        } catch let error as any CodedError {
            counts.requests = requests
            if error.code != "crm.cancelled" {
                try? keep { state in
                    state.error = error.code
                    state.errorParameters = String(decoding: JSON.object(error.parameters.mapValues(JSON.string)).bytes, as: UTF8.self)
                    if let error = error as? ConnectorError, error.code == "crm.suspended" {
                        state.suspendedUntil = Stamp(rawValue: error.suspendedUntil ?? node.environment.now().rawValue + 3_600_000_000)
                    }
                }
            }
            throw error
        }
    }
}
