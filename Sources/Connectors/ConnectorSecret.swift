/// What opens a system: a token, or the named parts of one, such as a refresh token with the client's id.
///
/// - Privacy: it has no description; only `value(_:)` and `text` give it away.
public struct ConnectorSecret: Sendable, Equatable {
    /// The secret as its file holds it.
    public let text: String
    private let parts: [String: String]

    /// Takes a file's text: one line with a token, or a JSON object of texts.
    ///
    /// - Throws: `crm.bad-token-file` where there is nothing in it, or more than one line that is no JSON.
    public init(text: String) throws(ConnectorError) {
        let text = String(text.trimmingBlanks)
        self.text = text
        if text.first == "{", case .object(let members)? = JSON(Array(text.utf8)) {
            parts = members.compactMapValues(\.text)
        } else {
            guard !text.isEmpty, text.first != "{", !text.contains(where: \.isNewline) else { throw ConnectorError("crm.bad-token-file") }
            parts = ["access_token": text]
        }
    }

    /// A named part; a file with one line has `access_token`.
    public func value(_ name: String) -> String? { parts[name] }

    /// The same with other parts.
    public func replacing(_ changes: [String: String]) -> ConnectorSecret {
        let members = parts.merging(changes) { _, new in new }.mapValues(JSON.string)
        return ConnectorSecret(text: String(decoding: JSON.object(members).bytes, as: UTF8.self), parts: members.compactMapValues(\.text))
    }

    private init(text: String, parts: [String: String]) {
        self.text = text
        self.parts = parts
    }
}

extension ConnectorSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says that it is a secret and not which.
    public var description: String { "ConnectorSecret" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
