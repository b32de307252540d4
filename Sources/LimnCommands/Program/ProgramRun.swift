internal import ArgumentParser
internal import Messages
internal import ProfileModel

/// One run of the program: from arguments without global flags to an exit code.
struct ProgramRun {
    let invocation: Invocation
    let arguments: [String]

    /// Does what the arguments ask for.
    ///
    /// Version and help are answered before the argument parser sees anything: the version so that it costs nothing,
    /// help because the parser's own speaks English and aligns by letters instead of columns.
    func outcome() throws -> CommandOutcome {
        let beforeTerminator = arguments.prefix { $0 != "--" }
        if beforeTerminator.first == "--version" { return versionOutcome }
        if arguments.first == "help" || arguments.isEmpty || beforeTerminator.contains(where: { ["-h", "--help"].contains($0) }),
            arguments.first != "---completion"
        {
            return try helpOutcome(arguments.first == "help" ? Array(arguments.dropFirst()) : arguments)
        }
        let command: any ParsableCommand
        do {
            command = try invocation.root.parseAsRoot(arguments)
        } catch {
            // What completion scripts ask for arrives as an error that stands for success.
            let message = invocation.root.message(for: error)
            guard invocation.root.exitCode(for: error).isSuccess else { throw usageError(message) }
            try invocation.streams.output.write(message + "\n")
            return .streamed()
        }
        guard let command = command as? any NodeCommand else {
            throw UsageError.missingCommand(parent: path.names.joined(separator: " "))
        }
        return try command.run(in: invocation)
    }

    /// Runs `body`, delivers its outcome or reports its error, and gives the exit code.
    func finish(_ body: () throws -> CommandOutcome) -> Int32 {
        var exitCode: Int32 = 0
        do {
            let outcome = try body()
            exitCode = outcome.exitCode
            try deliver(outcome)
        } catch OutputFailure.closed {
            // Whoever read the output has had enough of it (`limn find … | head`): that is no failure of the work.
        } catch {
            _ = try? invocation.streams.output.flush()
            exitCode = report(error)
        }
        return exitCode
    }

    private func deliver(_ outcome: CommandOutcome) throws {
        let output = invocation.streams.output
        if !outcome.isStreamed {
            if invocation.json {
                try output.write(Invocation.document(schema: outcome.schema, outcome.data))
            } else {
                var page = invocation.page()
                outcome.text(&page)
                try show(page.text, isPaged: outcome.isPaged)
            }
        }
        try output.flush()
        for line in outcome.talk { try invocation.say(line) }
    }

    private func show(_ text: String, isPaged: Bool) throws {
        let output = invocation.streams.output
        if isPaged, output is DescriptorSink,
            let command = Pager.command(environment: invocation.environment, isTerminal: output.isTerminal),
            Pager.show(text, command: command, environment: invocation.environment)
        {
            return
        }
        try output.write(text)
    }

    /// Tells an error on standard error, as text or as a JSON document, and gives its exit code.
    ///
    /// Beside the error's own parameters a text may speak of `{help}`, the command that explains the one that failed, and of
    /// `{suggestion}`, a sentence made of the parameter `nearest` or `choices` and empty where an error has neither.
    private func report(_ error: any Error) -> Int32 {
        let coded = error as? any CodedError
        let code = coded?.code ?? "general.internal"
        var parameters = coded?.parameters ?? ["type": "\(type(of: error))"]
        parameters["help"] = (["limn", "help"] + path.names.dropFirst()).joined(separator: " ")
        parameters["suggestion"] = suggestion(parameters)
        // What is wrong with an expression inside of something else.
        if let rule = parameters["reason"], rule.hasPrefix("rules.") { parameters["reason"] = Catalogue.text(rule, parameters) }
        var message = Catalogue.text(code, parameters)
        while message.last == " " { message.removeLast() }
        let hint = Catalogue.hint(code, parameters)
        let sink = invocation.streams.error
        if invocation.json {
            let document: JSONValue = [
                "schema": "limn.error/1",
                "error": ["code": .string(code), "message": .string(message), "hint": JSONValue(hint)],
            ]
            _ = try? sink.write(document.encoded() + [UInt8(ascii: "\n")])
        } else {
            let color = invocation.hasColor(sink)
            var page = TextPage(columns: nil, color: color)
            page.line(Catalogue.text("label.error"), .red, then: message)
            if let hint { page.line(Catalogue.text("label.hint"), .cyan, then: hint) }
            _ = try? sink.write(page.text)
        }
        _ = try? sink.flush()
        return Catalogue.exitCode(code)
    }

    private func suggestion(_ parameters: [String: String]) -> String {
        for (parameter, code) in [("nearest", "label.did-you-mean"), ("choices", "label.one-of")] {
            if let value = parameters[parameter], !value.isEmpty { return Catalogue.text(code, [parameter: value]) }
        }
        return ""
    }

    // MARK: Version, help and wrong arguments

    private var path: CommandPath { CommandPath(root: invocation.root, arguments: arguments) }

    private var versionOutcome: CommandOutcome {
        CommandOutcome("version", data: ["version": .string(LimnProgram.version)]) {
            $0.line("limn " + LimnProgram.version)
        }
    }

    private func helpOutcome(_ arguments: [String]) throws -> CommandOutcome {
        let path = CommandPath(root: invocation.root, arguments: arguments)
        if let name = path.unmatched, !path.command.configuration.subcommands.isEmpty,
            path.command.configuration.defaultSubcommand == nil
        {
            throw unknownCommand(name, in: path)
        }
        let page = HelpPage(path: path, root: invocation.root)
        return CommandOutcome("help", data: page.data) { page.render(into: &$0) }
    }

    private func usageError(_ message: String) -> UsageError {
        let error = UsageError(parserMessage: message)
        let path = path
        guard let name = path.unmatched, !path.command.configuration.subcommands.isEmpty else { return error }
        if case .unexpectedArguments = error { return unknownCommand(name, in: path) }
        return path.command.configuration.defaultSubcommand == nil ? unknownCommand(name, in: path) : error
    }

    private func unknownCommand(_ name: String, in path: CommandPath) -> UsageError {
        let names = path.command.configuration.subcommands.map { $0._commandName }
        return .unknownCommand(name: name, nearest: nearestName(to: name, among: names))
    }
}

/// The commands that arguments name, from the root down.
struct CommandPath {
    /// The root and the commands below it that the arguments name.
    private(set) var commands: [any ParsableCommand.Type]
    /// The first argument that is no option and names no command; it may be a value.
    private(set) var unmatched: String?

    init(root: any ParsableCommand.Type, arguments: [String]) {
        commands = [root]
        for argument in arguments {
            if argument == "--" { break }
            if argument.hasPrefix("-") { continue }
            let next = commands[commands.count - 1].configuration.subcommands.first {
                $0._commandName == argument || $0.configuration.aliases.contains(argument)
            }
            guard let next else {
                unmatched = argument
                break
            }
            commands.append(next)
        }
    }

    /// The command at the end of the path.
    var command: any ParsableCommand.Type { commands[commands.count - 1] }
    /// The names along the path, that of the program first.
    var names: [String] { commands.map { $0._commandName } }
}
