internal import ProfileModel

/// What a person says of one field: `F=X`, `F+=X`, `F-=X`, or `F=` to clear.
public struct Assignment: Hashable, Sendable {
    /// What happens to the field.
    public enum Verb: Sendable {
        /// A register gets the value; a set is replaced as far as it is known here.
        case set
        /// An element is added.
        case add
        /// An element is removed.
        case remove
    }

    public let field: String
    public let verb: Verb
    public let text: String

    public init(field: String, verb: Verb, text: String) {
        self.field = field
        self.verb = verb
        self.text = text
    }

    /// Reads `FIELD=VALUE`, `FIELD+=VALUE` or `FIELD-=VALUE`.
    ///
    /// - Throws: `node.bad-assignment`.
    public init(_ argument: String) throws {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
            throw NodeError("node.bad-assignment", ["argument": argument.split(separator: "=").first.map(String.init) ?? argument])
        }
        let before = argument.index(before: equals)
        let verb: Verb = switch argument[before] {
        case "+": .add
        case "-": .remove
        default: .set
        }
        self.init(
            field: String(argument[..<(verb == .set ? equals : before)]).trimmingWhitespace, verb: verb,
            text: String(argument[argument.index(after: equals)...]))
    }
}
