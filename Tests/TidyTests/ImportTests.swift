import Foundation
import Testing

/// The rooms of the house, and what each may import.
@Suite("Imports point downward")
struct ImportTests {
    /// From the lowest room to the highest: a room imports none but rooms that stand before it.
    static let rooms = [
        "CEmbeddedFiles", "CPhoneNumber", "CLibcurl", "CLibzstd", "CZlib", "CExpat", "CSQLiteOptions",
        "Causality", "ProfileModel", "NodeEnvironment", "Messages", "NodeSecurity", "WireFormat", "RuleLanguage", "Replication",
        "Analytics", "StandardForms", "RecordLinkage", "DataExchange", "CurlHTTP", "Connectors", "ProfileStore", "NodeOperations",
        "NodeServer", "LimnCommands", "limn",
    ]

    /// What is not of this house, and the only room that lets it in.
    static let guests: [String: Set<String>] = [
        "CLibcurl": ["CurlHTTP"],
        "CLibzstd": ["WireFormat"],
        "CZlib": ["DataExchange"],
        "CExpat": ["Connectors"],
        "CPhoneNumber": ["StandardForms"],
        "CSQLiteOptions": ["ProfileStore"],
        "GRDB": ["ProfileStore"],
        "GRDBSQLite": ["ProfileStore"],
        "Crypto": ["NodeSecurity"],
        "ArgumentParser": ["LimnCommands"],
        "Hummingbird": ["NodeServer"],
        "HummingbirdCore": ["NodeServer"],
        "HTTPTypes": ["NodeServer"],
        "Logging": ["NodeServer"],
        "NIOCore": ["NodeServer"],
        "NIOPosix": ["NodeServer"],
        "NIOSSL": ["NodeServer"],
        "ServiceLifecycle": ["NodeServer"],
        "UnixSignals": ["NodeServer"],
    ]

    /// Modules that come with the toolchain; `Causality` does without them.
    static let toolchain: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Darwin", "Musl", "Dispatch", "Synchronization"]

    /// The module that a line imports, if it is an import.
    static func module(_ line: Substring) -> String? {
        // A cheap look first: most lines are none.
        guard let first = line.first, "@ipf".contains(first), line.contains("import ") else { return nil }
        let form = #/^(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?([A-Za-z_]\w*)/#
        return line.prefixMatch(of: form).map { String($0.1) }
    }

    @Test func everyRoomIsInTheTable() {
        let present = Set(SourceTree.paths(below: "Sources").map { String($0.split(separator: "/")[1]) })
        #expect(present.count > 10)
        for room in present where !room.hasPrefix(".") {
            #expect(Self.rooms.contains(room), "the room \(room) has no place in the order of rooms")
        }
    }

    @Test func roomsImportOnlyWhatStandsBelow() {
        for file in SourceTree.sources {
            guard let height = Self.rooms.firstIndex(of: file.room) else { continue }
            for (number, line) in file.lines.enumerated() {
                guard let module = Self.module(line) else { continue }
                let place = "\(file.path):\(number + 1)"
                if let hosts = Self.guests[module] {
                    #expect(hosts.contains(file.room), "\(place): \(module) may be imported only by \(hosts.sorted())")
                } else if let other = Self.rooms.firstIndex(of: module) {
                    #expect(other < height, "\(place): \(file.room) imports \(module), which does not stand below it")
                } else {
                    #expect(Self.toolchain.contains(module), "\(place): \(module) is no room and no known guest")
                    #expect(file.room != "Causality", "\(place): Causality uses the standard library only")
                }
            }
        }
    }

    /// A module that is only built because another needs it can be imported all the same: the manifest has to say so.
    @Test func roomsImportOnlyWhatTheManifestDeclares() throws {
        let declared = try Self.declarations()
        #expect(declared.count > 10)
        // Products that bring several modules.
        let bundled: [String: String] = [
            "HummingbirdCore": "Hummingbird", "HTTPTypes": "Hummingbird", "Logging": "Hummingbird", "NIOCore": "Hummingbird",
            "NIOPosix": "Hummingbird", "ServiceLifecycle": "Hummingbird", "UnixSignals": "Hummingbird",
        ]
        for file in SourceTree.sources {
            for line in file.lines {
                guard let module = Self.module(line), !Self.toolchain.contains(module) else { continue }
                let name = bundled[module] ?? module
                #expect(declared[file.room]?.contains(name) == true, "\(file.path) imports \(module), which Package.swift does not give to \(file.room)")
            }
        }
    }

    /// For each room of the manifest the names of what it depends on.
    static func declarations() throws -> [String: Set<String>] {
        let manifest = try String(contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        var found: [String: Set<String>] = [:]
        for start in manifest.matches(of: #/(?:^|\s)(?:room|\.executableTarget)\((?:name: )?"(\w+)"/#) {
            var depth = 1
            var body = ""
            for character in manifest[start.range.upperBound...] {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if depth == 0 { break }
                body.append(character)
            }
            found[String(start.1)] = Set(body.matches(of: #/"([A-Za-z]\w*)"/#).map { String($0.1) })
        }
        return found
    }
}
