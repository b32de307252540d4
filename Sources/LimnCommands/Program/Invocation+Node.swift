internal import NodeOperations
internal import ProfileModel

extension Invocation {
    /// Opens the node that this run works on.
    ///
    /// - Throws: `general.no-home`, `store.missing` where there is none, and what else opening a store throws.
    func openNode() throws -> Node {
        let interruption = interruption
        return try Node.open(home: home(), author: author, user: systemUser, isCancelled: { interruption.isRequested })
    }

    /// What to read in place of standard input: nothing where this process's own is meant.
    var replacedInput: StandardInput? {
        let input = streams.input
        return input is DescriptorSource ? nil : { try input.read(upTo: $0) }
    }
}

/// Why a command refuses its arguments or a file that they name.
struct CommandFailure: CodedError, Equatable {
    let code: String
    let parameters: [String: String]

    init(_ code: String, _ parameters: [String: String] = [:]) {
        self.code = code
        self.parameters = parameters
    }
}
