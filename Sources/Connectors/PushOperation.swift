/// One record to be written in a system.
public struct PushOperation: Sendable, Equatable {
    /// What is to be done with the record.
    public enum Action: Sendable, Equatable {
        case create
        case update(id: String)
        /// Gone, or put away where the system can.
        case delete(id: String)
    }

    /// The same however often it is sent, so that a system which knows such keys does it once.
    public let key: String
    public let action: Action
    /// The values to stand there, by the mapping's names; what is not there is left as it is.
    public let fields: [String: RemoteValue]
    /// The records to belong to it, by the mapping's names: all that are to; what is not there is left as it is.
    public let associations: [String: [RemoteAssociation]]
    /// Whether the record is to stand on lists of the system, by their ids; on others it stays as it is.
    public let lists: [String: Bool]
    /// Our id of the record, for the field that carries it.
    public let ourID: String
    /// The version that the values were made for.
    public let version: String?

    public init(
        key: String, action: Action, fields: [String: RemoteValue], associations: [String: [RemoteAssociation]] = [:], lists: [String: Bool] = [:],
        ourID: String, version: String? = nil
    ) {
        self.key = key
        self.action = action
        self.fields = fields
        self.associations = associations
        self.lists = lists
        self.ourID = ourID
        self.version = version
    }
}

extension PushOperation {
    /// What a refusal calls a record's place on a list; no field of a system is called so.
    public static func field(ofList id: String) -> String { "list \(id)" }

    /// What is to stand in lookups: the ids, by the system's own names.
    var lookups: [String: RemoteValue] {
        var values: [String: RemoteValue] = [:]
        for (remote, others) in associations {
            let ids = others.map(\.id)
            values[MappedRESTSystem.path(remote)] = remote.hasSuffix("]") ? .list(ids) : ids.first.map(RemoteValue.text) ?? .empty
        }
        return values
    }
}

/// Why a system refused.
public struct Rejection: Error, Sendable, Equatable {
    /// The system's code or a status, cut to what a code may hold.
    public let code: String
    /// The field that it names.
    public let field: String?
    /// The system's own words; they may hold a customer's data, and stay on this node.
    public let message: String
    /// By which the system's people find the request.
    public let trace: String?

    public init(code: String, field: String? = nil, message: String = "", trace: String? = nil) {
        self.code = String(String.UnicodeScalarView(code.unicodeScalars.prefix(80).filter { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_.: ".unicodeScalars.contains(scalar))
        }))
        self.field = field
        self.message = String(message.prefix(500))
        self.trace = trace
    }
}

/// What became of an operation.
public struct PushOutcome: Sendable, Equatable {
    /// What the system did with it.
    public enum Result: Sendable, Equatable {
        /// Done; the record as the system now has it, where it told, which is not always what was sent.
        case accepted(id: String, record: RemoteRecord?)
        /// The record has changed since it was read.
        case conflict
        case rejected(Rejection)
        /// There is no such record.
        case gone
        /// Nobody knows whether it was done.
        case unknown
    }

    /// The operation's key.
    public let key: String
    public let result: Result
    /// What was refused of an operation of which the rest is done; each names its field or association.
    public let refusals: [Rejection]

    public init(key: String, result: Result, refusals: [Rejection] = []) {
        self.key = key
        self.result = result
        self.refusals = refusals
    }
}

/// What a system makes of a whole batch.
public enum BatchReply: Sendable {
    case outcomes([PushOutcome])
    /// All were refused because of one, and the system does not say which.
    case refused(Rejection)
}

/// Sends operations in batches; one that is refused as a whole is halved until the record at fault stands alone.
///
/// - Complexity: O(log batch) further requests for each record at fault.
public func pushHalving(
    _ operations: ArraySlice<PushOperation>, atMost size: Int, send: (ArraySlice<PushOperation>) throws -> BatchReply
) throws -> [PushOutcome] {
    var outcomes: [PushOutcome] = []
    var waiting = stride(from: operations.startIndex, to: operations.endIndex, by: size).map {
        operations[$0..<min($0 + size, operations.endIndex)]
    }
    waiting.reverse()
    while let batch = waiting.popLast() {
        switch try send(batch) {
        case .outcomes(let told):
            let known = Dictionary(told.map { ($0.key, $0) }) { first, _ in first }
            // What a reply leaves out is not known to have been done.
            outcomes += batch.map { known[$0.key] ?? PushOutcome(key: $0.key, result: .unknown) }
        case .refused(let rejection) where batch.count == 1:
            outcomes.append(PushOutcome(key: batch.first!.key, result: .rejected(rejection)))
        case .refused:
            let middle = batch.startIndex + batch.count / 2
            waiting += [batch[middle...], batch[..<middle]]
        }
    }
    return outcomes
}
