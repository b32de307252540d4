internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

extension CRMCommand {
    /// `limn crm status`: for each system one line that says what somebody must do.
    struct Status: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "status", abstract: Catalogue.text("help.crm.status"))
        }

        @Argument(help: .text("help.crm.names"))
        var names: [String] = []

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let found = try invocation.openNode().connectorStatus(names)
            let talk = found.isEmpty ? [Catalogue.text("say.no-crm")] : []
            return CommandOutcome("crm-status", data: ["connectors": .array(found.map(\.data))], talk: talk) { page in
                for status in found {
                    let isFine = [.nothing, .elsewhere, .syncFirst].contains(status.advice)
                    page.line("\(status.connector.name): \(status.adviceText)", isFine ? .plain : .yellow)
                    if let schedule = status.schedule { page.line("  " + schedule.text) }
                }
            }
        }
    }
}

extension ConnectorStatus {
    /// What somebody must do, in words.
    fileprivate var adviceText: String {
        let reason = error.map { Catalogue.text($0.code, $0.parameters) } ?? ""
        return Catalogue.text("crm.advice.\(advice.rawValue)", [
            "name": connector.name, "owner": connector.ownerName, "reason": reason, "letters": String(deadLetters), "conflicts": String(conflicts),
            "until": suspendedUntil.map { TimeText.local($0.rawValue / 1_000) } ?? "?", "records": ProgressLine.grouped(records),
            "waiting": ProgressLine.grouped(waiting), "last": lastPull.map { TimeText.local($0.rawValue / 1_000) } ?? Catalogue.text("label.never"),
        ])
    }

    fileprivate var data: JSONValue {
        [
            "name": .string(connector.name), "system": .string(connector.system), "url": .string(connector.url), "owner": .string(connector.ownerName),
            "isOwner": .bool(isOwn), "records": JSONValue(records), "waiting": JSONValue(waiting), "deadLetters": JSONValue(deadLetters),
            "conflicts": JSONValue(conflicts), "lastPull": JSONValue(at: lastPull), "lastPush": JSONValue(at: lastPush),
            "suspendedUntil": JSONValue(at: suspendedUntil), "error": JSONValue(error?.code), "advice": .string(advice.rawValue),
            "schedule": schedule.map(\.data) ?? .null,
            "hook": hook.map { ["url": JSONValue($0.url), "lastAt": JSONValue(at: $0.lastAt), "waiting": .bool($0.isWaiting)] } ?? .null,
            "todo": .string(adviceText),
        ]
    }
}
