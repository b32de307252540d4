internal import NodeOperations
internal import Messages
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

extension Invocation {
    /// The machine, with a folder for what stores keep outside themselves: `$XDG_STATE_HOME/limn`, `~/.local/state/limn`.
    var nodeEnvironment: SystemEnvironment {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return SystemEnvironment(stateFolder: state + "/limn") }
        guard let user = environment["HOME"], user.hasPrefix("/") else { return SystemEnvironment() }
        return SystemEnvironment(stateFolder: user + "/.local/state/limn")
    }

    /// Opens the node that this run works on.
    ///
    /// - Throws: `general.no-home`, `store.missing` where there is none, and what else opening a store throws.
    func openNode() throws -> Node {
        let interruption = interruption
        let node = try Node.open(home: home(), author: author, user: systemUser, environment: nodeEnvironment, isCancelled: { interruption.isRequested })
        let language = Language.current
        node.store.onNewLife { life, before in
            // What cannot be said is told by `limn identity`.
            Language.$current.withValue(language) { try? say(life.announcement(before)) }
        }
        return node
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
