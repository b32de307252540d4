internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import NodeSecurity

/// `limn init`: makes a node, of a deployment of its own or of one that exists.
struct InitCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "init", abstract: Catalogue.text("help.init"), discussion: Catalogue.text("help.init.discussion"))
    }

    @Option(help: .text("help.init.name", value: "name")) var name: String
    @Option(help: .text("help.init.deployment", value: "id")) var deployment: String?
    @Option(help: .text("help.init.scope", value: "scope")) var scope: [String] = []
    @Option(help: .text("help.init.join", value: "url")) var join: String?
    @Option(help: .text("help.init.token-file", value: "file"), completion: .file()) var tokenFile: String?
    @Flag(help: .text("help.insecure")) var insecure = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let author = invocation.author ?? invocation.systemUser
        let isAuthorKept = invocation.author != nil
        let home = try invocation.home()
        guard let join else {
            if tokenFile != nil { throw UsageError.missingArgument(name: "--join") }
            let deployment = try deployment.map { text in
                guard let id = UniqueID(text) else { throw CommandFailure("node.bad-deployment", ["deployment": text]) }
                return Deployment(id: id)
            }
            let (_, founded) = try Node.found(
                home: home, name: name, author: author, deployment: deployment, scopes: scope, isAuthorKept: isAuthorKept,
                environment: invocation.nodeEnvironment)
            return founded.outcome("init")
        }
        if deployment != nil { throw UsageError.exclusive(first: "--join", second: "--deployment") }
        guard let tokenFile else { throw UsageError.missingArgument(name: "--token-file") }
        let token = try AccessToken.read(tokenFile, in: invocation)
        let (_, founded) = try Node.join(
            home: home, name: name, author: author, url: join, token: token, scopes: scope, isAuthorKept: isAuthorKept,
            options: .cautious(insecure: insecure), environment: invocation.nodeEnvironment)
        return founded.outcome("init", peer: join)
    }
}

extension AccessToken {
    /// Reads a token from a file, or from standard input where it is `-`; says so where others may read the file.
    ///
    /// - Throws: `security.token-file-missing`, `security.token-file-unreadable`, `security.token-malformed`.
    static func read(_ path: String, in invocation: Invocation) throws -> AccessToken {
        guard path == "-" else {
            let file = try TokenFile(path: path)
            if file.isOpenToOthers { try invocation.say(Catalogue.text("security.token-file-open", ["path": path])) }
            return file.token
        }
        // A token is far shorter; what is longer is none, and says so when it is read.
        let bytes = try invocation.streams.input.readAll(limitBytes: 4_096) ?? []
        return try AccessToken(text: String(decoding: bytes, as: UTF8.self))
    }
}

extension SyncOptions {
    /// Options of the program's own requests.
    static func cautious(insecure: Bool) -> SyncOptions {
        var options = SyncOptions()
        options.allowsPlainText = insecure
        options.userAgent = "limn/" + LimnProgram.version
        return options
    }
}

extension Node.Founded {
    /// What `init` and `setup` say of a node that they made.
    func outcome(_ schema: String, peer: String? = nil) -> CommandOutcome {
        let data: JSONValue = [
            "node": .string(name), "origin": .string(origin.description), "name": .string(name),
            "deployment": JSONValue(id: deployment), "scopes": JSONValue(scopes), "home": .string(home),
        ]
        let rows = [
            ("name", name), ("deployment", deployment.description), ("origin", origin.description),
            ("scopes", scopes.joined(separator: ", ")), ("home", home),
        ]
        let next = peer == nil ? Catalogue.text("say.init-next") : Catalogue.text("say.join-next")
        return CommandOutcome(schema, data: data, talk: [Catalogue.text("say.init-done", ["name": name, "home": home]), next]) { page in
            page.values(rows.map { (label: Catalogue.text("label.node-\($0.0)"), value: $0.1) })
        }
    }
}
