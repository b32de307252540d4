internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn doctor`: looks for what would hurt.
struct DoctorCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "doctor", abstract: Catalogue.text("help.doctor"), discussion: Catalogue.text("help.doctor.discussion"))
    }

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let findings = try invocation.openNode().examine()
        let checks = findings.map { finding -> (finding: Finding, detail: String, hint: String?) in
            guard !finding.isFine else {
                // What is fine has a text of its own, `doctor.fine.integrity` for `doctor.integrity`.
                let topic = finding.name.drop { $0 != "." }.dropFirst()
                return (finding, Catalogue.text("doctor.fine.\(topic)", finding.parameters), nil)
            }
            return (finding, Catalogue.text(finding.name, finding.parameters), Catalogue.hint(finding.name, finding.parameters))
        }
        let data = checks.map { check -> JSONValue in
            [
                "name": .string(check.finding.name), "ok": .bool(check.finding.isFine), "detail": .string(check.detail),
                "hint": JSONValue(check.hint),
            ]
        }
        let isFine = findings.allSatisfy(\.isFine)
        return CommandOutcome("doctor", data: ["checks": .array(data)], exitCode: isFine ? 0 : 1) { page in
            for check in checks {
                let word = Catalogue.text(check.finding.isFine ? "label.ok" : "label.problem")
                page.line(word, check.finding.isFine ? .green : .red, then: check.detail)
                if let hint = check.hint { page.line(Catalogue.text("label.hint"), .cyan, then: hint) }
            }
        }
    }
}
