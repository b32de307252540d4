internal import ArgumentParser
internal import Messages
internal import NodeOperations

extension CRMCommand {
    /// `limn crm schedule`: when `limn serve` makes rounds with a system by itself.
    struct Schedule: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "schedule", abstract: Catalogue.text("help.crm.schedule"), discussion: Catalogue.text("help.crm.schedule.discussion"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        @Argument(help: .text("help.crm.schedule.times"))
        var times: String?

        @Flag(help: .text("help.crm.schedule.remove"))
        var remove = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            if remove {
                try node.unscheduleConnector(name)
            } else if let times {
                try node.scheduleConnector(name, times: times)
            } else {
                _ = try node.connectors(named: [name])
            }
            let schedule = try node.connectorSchedules().first { $0.name == name }
            let talk = schedule == nil ? [Catalogue.text("say.crm-no-schedule", ["name": name])] : []
            return CommandOutcome("crm-schedule", data: ["name": .string(name), "schedule": schedule.map(\.data) ?? .null], talk: talk) { page in
                if let schedule { page.line("\(name): \(schedule.text)") }
            }
        }
    }

    /// `limn crm hook`: what to enter in a system, so that it tells this node of changes.
    struct Hook: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "hook", abstract: Catalogue.text("help.crm.hook"), discussion: Catalogue.text("help.crm.hook.discussion"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        @Option(help: .text("help.crm.hook.url", value: "url"))
        var url: String?

        @Option(help: .text("help.crm.webhook-secret-file", value: "file"), completion: .file())
        var secretFile: String?

        @Flag(help: .text("help.crm.hook.remove"))
        var remove = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            if remove {
                try node.removeHook(name)
                return CommandOutcome("crm-hook", data: ["name": .string(name)], talk: [Catalogue.text("say.crm-hook-removed", ["name": name])])
            }
            let given = try secretFile.map(CRMCommand.hookSecret), hook = try node.registerHook(name, url: url, secret: given?.secret)
            var talk = [Catalogue.text("crm.hook.\(hook.proof)", ["token": hook.token ?? ""])]
            if !hook.isWhole { talk.append(Catalogue.text("say.crm-hook-path", ["name": name])) }
            let data: JSONValue = [
                "name": .string(name), "address": .string(hook.address), "isWhole": .bool(hook.isWhole), "proof": .string(hook.proof),
                "token": JSONValue(hook.token), "lastAt": JSONValue(at: hook.lastAt),
            ]
            return CommandOutcome("crm-hook", data: data, talk: talk + (given?.warnings ?? [])) { $0.line(hook.address) }
        }
    }
}
