internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import Replication

/// How one round of syncs went, as data, as a table and as an exit code.
struct SyncRoundReport {
    let results: [PeerSync]

    var data: JSONValue {
        ["peers": .array(results.map(Self.data))]
    }

    private static func data(_ result: PeerSync) -> JSONValue {
        func count(_ count: TransferCount) -> JSONValue {
            ["changes": JSONValue(count.changes), "rows": JSONValue(count.rows), "bytes": JSONValue(count.bytes)]
        }
        return [
            "name": .string(result.peer), "state": .string(result.error == nil ? "ok" : "failed"), "pulled": count(result.report.pulled),
            "pushed": count(result.report.pushed), "roundTrips": JSONValue(result.report.roundTrips),
            "milliseconds": JSONValue(result.milliseconds),
            "error": result.error.map { error in
                let (code, parameters) = coded(error)
                return [
                    "code": .string(code), "message": .string(Catalogue.text(code, parameters)),
                    "hint": JSONValue(Catalogue.hint(code, parameters)),
                ]
            } ?? .null,
            "warnings": .array(result.report.warnings.map { .string(Catalogue.text($0.code, $0.parameters)) }),
        ]
    }

    private static func coded(_ error: any Error) -> (code: String, parameters: [String: String]) {
        guard let error = error as? any CodedError else { return ("general.internal", ["type": "\(type(of: error))"]) }
        return (error.code, error.parameters)
    }

    // MARK: Exit code

    /// 77 where a peer refused, 69 where one could not be reached or was lost on the way, else the code of the first error.
    var exitCode: Int32 {
        let codes = results.compactMap(\.error).map { Self.exitCode(of: Self.coded($0).code) }
        return [77, 69].first { codes.contains($0) } ?? codes.first ?? 0
    }

    /// Why a sync with one peer failed for good: neither could it not be reached, nor did it refuse the token.
    var onlyError: (any Error)? {
        results.count == 1 && ![0, 69, 77].contains(exitCode) ? results[0].error : nil
    }

    private static let refusals: Set<String> = [
        "sync.not-admitted", "sync.name-taken", "server.token-missing", "server.token-unknown", "server.token-used", "security.token-malformed",
    ]

    private static func exitCode(of code: String) -> Int32 {
        if refusals.contains(code) { return 77 }
        let known = Catalogue.exitCode(code)
        return [65, 77, 78].contains(known) ? known : 69
    }

    // MARK: For people

    func show(on page: inout TextPage) {
        var table = TextTable([
            .init(Catalogue.text("label.peer")), .init(Catalogue.text("label.state"), shrinks: false),
            .init(Catalogue.text("label.received"), .right, shrinks: false), .init(Catalogue.text("label.sent"), .right, shrinks: false),
            .init(Catalogue.text("label.round-trips"), .right, shrinks: false), .init(Catalogue.text("label.kilobytes"), .right, shrinks: false),
            .init(Catalogue.text("label.milliseconds"), .right, shrinks: false),
        ])
        for result in results {
            table.add([
                .init(result.peer),
                result.error == nil ? .init(Catalogue.text("label.ok"), .green) : .init(Catalogue.text("label.failed"), .red),
                .init(ProgressLine.grouped(result.report.pulled.changes)), .init(ProgressLine.grouped(result.report.pushed.changes)),
                .init(String(result.report.roundTrips)), .init(ProgressLine.grouped((result.report.bytes + 1023) / 1024)),
                .init(ProgressLine.grouped(result.milliseconds)),
            ])
        }
        page.table(table)
    }

    /// One line a peer, for rounds that follow one another.
    var lines: String {
        results.filter { $0.error == nil }.map { result in
            Catalogue.text("say.synced", [
                "peer": result.peer, "received": ProgressLine.grouped(result.report.pulled.changes),
                "sent": ProgressLine.grouped(result.report.pushed.changes),
            ]).printable() + "\n"
        }.joined()
    }

    /// What the user should know though the sessions went on.
    var warnings: [String] {
        results.flatMap { result in
            // That this store itself began a new life is said when it does.
            result.report.warnings.filter { $0.code != "sync.copied" }.map { Catalogue.text("say.peer-warning", ["peer": result.peer, "warning": Catalogue.text($0.code, $0.parameters)]) }
        }
    }

    /// Tells on standard error which peers failed and what to do: an error, and so told under `--quiet` too.
    func tellFailures(_ invocation: Invocation) throws {
        guard !invocation.json else { return }
        var page = TextPage(columns: nil, color: invocation.hasColor(invocation.streams.error))
        for result in results {
            guard let error = result.error else { continue }
            let (code, parameters) = Self.coded(error)
            page.line(Catalogue.text("label.error"), .red, then: "\(result.peer): \(Catalogue.text(code, parameters))")
            if let hint = Catalogue.hint(code, parameters) { page.line(Catalogue.text("label.hint"), .cyan, then: hint) }
        }
        try invocation.streams.error.write(page.text)
    }
}
