// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// One room of the house: a module with the rooms below it that it may import.
func room(_ name: String, _ below: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: below, swiftSettings: strict)
}

func tests(_ name: String, _ rooms: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: rooms, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "limn",
    defaultLocalization: "en",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "limn", targets: ["limn"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .executableTarget(name: "limn", dependencies: ["LimnCommands"], swiftSettings: strict),
        room("LimnCommands", [
            "NodeServer", "NodeOperations", "ProfileStore", "Connectors", "CurlHTTP", "DataExchange", "StandardForms", "Replication",
            "RuleLanguage", "NodeSecurity", "Messages", "NodeEnvironment", "ProfileModel", "Causality",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
        room("NodeServer", [
            "NodeOperations", "ProfileStore", "Replication", "NodeSecurity", "Messages", "NodeEnvironment", "ProfileModel",
            .product(name: "Hummingbird", package: "hummingbird"),
        ]),
        room("NodeOperations", [
            "ProfileStore", "Connectors", "CurlHTTP", "DataExchange", "RecordLinkage", "StandardForms", "Replication", "RuleLanguage", "WireFormat",
            "NodeSecurity", "NodeEnvironment", "ProfileModel", "Causality",
        ]),
        room("ProfileStore", [
            "StandardForms", "Replication", "RuleLanguage", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality",
            "CSQLiteOptions", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        ]),
        room("Connectors", ["CurlHTTP", "StandardForms", "ProfileModel", "CExpat"]),
        room("CurlHTTP", ["ProfileModel", "CLibcurl"]),
        room("DataExchange", ["ProfileModel", "CZlib"]),
        room("RecordLinkage", ["StandardForms"]),
        room("StandardForms", ["ProfileModel", "CPhoneNumber"]),
        room("Replication", ["WireFormat", "NodeEnvironment", "ProfileModel", "Causality"]),
        room("RuleLanguage", ["ProfileModel"]),
        room("WireFormat", ["ProfileModel", "Causality", "CLibzstd"]),
        room("NodeSecurity", ["NodeEnvironment", "ProfileModel", "Causality", .product(name: "Crypto", package: "swift-crypto")]),
        room("Messages", ["ProfileModel"]),
        room("NodeEnvironment", ["ProfileModel", "Causality"]),
        room("ProfileModel", ["Causality", "CEmbeddedFiles"]),
        room("Causality"),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLibzstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CEmbeddedFiles"),
        .target(name: "CPhoneNumber", linkerSettings: [.linkedLibrary("phonenumber")]),
        .target(name: "CSQLiteOptions", linkerSettings: [.linkedLibrary("sqlite3")]),
        // Measures inside one process; `tools/bench` runs it.
        .systemLibrary(name: "CSQLite", path: "tools/benchmarks/Sources/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "StoreBench", dependencies: ["NodeOperations", "ProfileModel", "Causality", "CSQLite"], path: "tools/benchmarks/Sources/StoreBench",
            swiftSettings: strict),
        // Fleets of real stores and simulated clocks; `tools/bench --fleet` runs it.
        .executableTarget(
            name: "FleetBench",
            dependencies: [
                "FleetSupport", "MergeVectors", "NodeOperations", "ProfileStore", "Replication", "WireFormat", "NodeEnvironment", "ProfileModel",
                "Causality",
            ],
            path: "tools/benchmarks/Sources/FleetBench", swiftSettings: strict),
        // How well duplicates are found, on sets of which the truth is known; `tools/bench linkage` runs it.
        .executableTarget(
            name: "LinkageBench", dependencies: ["RecordLinkage", "StandardForms"], path: "tools/benchmarks/Sources/LinkageBench",
            swiftSettings: strict),
        // Customers put together by chance, and what is true of them; `tools/generate-company` writes them.
        .target(
            name: "GeneratedCompany", dependencies: ["StandardForms", "ProfileModel"], path: "tools/company/Sources/GeneratedCompany",
            swiftSettings: strict),
        .executableTarget(
            name: "GenerateCompany", dependencies: ["GeneratedCompany", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "tools/company/Sources/GenerateCompany", swiftSettings: strict),
        // Histories with what every replica must read at their end, and the driver that replays them.
        .target(name: "MergeVectors", path: "Tests/MergeVectors", exclude: ["Vectors"], swiftSettings: strict),
        // Real stores of one deployment in one process, with injected clocks.
        .target(
            name: "FleetSupport",
            dependencies: [
                "CFaultyDisk", "NodeOperations", "ProfileStore", "Replication", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality", "MergeVectors",
            ],
            path: "Tests/FleetSupport", swiftSettings: strict),
        // Fleets that live through random histories, and what must come of them; `tools/simulate` runs more of it than the tests do.
        .target(
            name: "Simulation",
            dependencies: [
                "FleetSupport", "NodeOperations", "ProfileStore", "Replication", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality",
                "MergeVectors",
            ],
            path: "Tests/Simulation", swiftSettings: strict),
        // Deliberate bugs, which the simulation must find.
        .target(name: "Mutants", path: "tools/laboratory/Sources/Mutants", swiftSettings: strict),
        .executableTarget(
            name: "Laboratory",
            dependencies: ["Causality", "Simulation", "MergeVectors", "Mutants", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "tools/laboratory/Sources/Laboratory", swiftSettings: strict),
        tests("CausalityTests", ["Causality", "MergeVectors"]),
        tests("ProfileModelTests", ["ProfileModel", "Causality"]),
        tests("StandardFormsTests", ["StandardForms", "ProfileModel"]),
        tests("RecordLinkageTests", ["RecordLinkage"]),
        tests("WireFormatTests", ["WireFormat", "ProfileModel", "Causality"]),
        tests("ReplicationTests", ["Replication", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality"]),
        // A server of a few lines, scripted by a closure.
        .target(name: "LoopbackServing", path: "Tests/LoopbackServing", swiftSettings: strict),
        // The servers of `tools/crm`, each in a process of its own.
        .target(name: "StandinServing", dependencies: ["Connectors", "CurlHTTP"], path: "Tests/StandinServing", swiftSettings: strict),
        tests("CurlHTTPTests", ["LoopbackServing", "CurlHTTP", "ProfileModel"]),
        tests("ConnectorsTests", ["LoopbackServing", "StandinServing", "MergeVectors", "Connectors", "CurlHTTP", "ProfileModel"]),
        tests("DataExchangeTests", ["DataExchange", "ProfileModel", "CZlib"]),
        tests("RuleLanguageTests", ["RuleLanguage", "ProfileModel"]),
        tests("NodeOperationsTests", [
            "FleetSupport", "LoopbackServing", "StandinServing", "GeneratedCompany", "MergeVectors", "NodeOperations", "ProfileStore", "Connectors", "CurlHTTP",
            "DataExchange", "Replication", "WireFormat", "NodeSecurity", "NodeEnvironment", "StandardForms", "ProfileModel", "Causality",
        ]),
        // A disk that fails when told.
        .target(name: "CFaultyDisk", path: "Tests/CFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        tests("FaultTests", [
            "CFaultyDisk", "FleetSupport", "LoopbackServing", "MergeVectors", "NodeOperations", "ProfileStore", "Connectors", "Replication", "Messages",
            "NodeEnvironment", "ProfileModel", "Causality",
        ]),
        tests("ThreadTests", ["FleetSupport", "MergeVectors", "NodeOperations", "ProfileStore", "ProfileModel", "Causality"]),
        tests("CrashTests", ["FleetSupport", "MergeVectors", "ProfileStore", "StandinServing", "limn"]),
        tests("SimulationTests", ["Simulation", "MergeVectors"]),
        tests("ProfileStoreTests", [
            "FleetSupport", "NodeOperations", "ProfileStore", "Connectors", "RuleLanguage", "StandardForms", "Messages", "NodeSecurity", "NodeEnvironment",
            "ProfileModel", "Causality", "CSQLiteOptions",
            .product(name: "GRDB", package: "GRDB.swift"),
        ]),
        tests("NodeSecurityTests", [
            "NodeSecurity", "NodeEnvironment", "ProfileModel", "Causality", .product(name: "Crypto", package: "swift-crypto"),
        ]),
        tests("NodeServerTests", [
            "StandinServing", "NodeServer", "NodeOperations", "ProfileStore", "Connectors", "Replication", "CurlHTTP", "WireFormat", "NodeSecurity", "NodeEnvironment",
            "ProfileModel", "Causality",
        ]),
        // What this version keeps of later ones, and what it still understands of earlier ones.
        tests("VersionTests", [
            "FleetSupport", "MergeVectors", "LimnCommands", "NodeOperations", "ProfileStore", "Replication", "WireFormat", "NodeEnvironment",
            "ProfileModel", "Causality",
        ]),
        tests("TidyTests", ["Mutants"], exclude: ["migrations.sha256"]),
        tests("MessagesTests", ["Messages", "ProfileModel"]),
        tests(
            "CommandTests",
            ["StandinServing", "LimnCommands", "Connectors", "Messages", "ProfileModel", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: ["Snapshots"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x
)

// What needs a sanitizer's runtime is there only when its tool asks; what brings a web server is left out then, so that it builds quickly.
switch Context.environment["LIMN_TARGETS"] {
case "fuzzing":
    package.targets.removeAll { $0.type == .test || $0.name == "Laboratory" }
    package.targets += [
        .target(name: "RandomRows", dependencies: ["WireFormat", "ProfileModel", "Causality"], path: "Tests/WireFormatTests", sources: ["RandomRows.swift"]),
        .target(
            name: "MemoryStore", dependencies: ["Replication", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality"],
            path: "Tests/ReplicationTests", sources: ["MemoryStore.swift"]),
        .target(name: "CFuzzer", path: "tools/fuzzing/Sources/CFuzzer"),
        .executableTarget(
            name: "Fuzzer",
            dependencies: [
                "CFuzzer", "RandomRows", "MemoryStore", "FleetSupport", "NodeOperations", "Connectors", "ProfileStore", "DataExchange", "Replication",
                "RuleLanguage", "WireFormat", "NodeEnvironment", "ProfileModel", "Causality",
            ],
            // gold does not take what libFuzzer brings.
            path: "tools/fuzzing/Sources/Fuzzer", swiftSettings: strict, linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
case "sanitizing":
    let kept: Set = ["ThreadTests", "CausalityTests", "WireFormatTests", "DataExchangeTests", "RuleLanguageTests", "ReplicationTests", "ConnectorsTests"]
    package.targets.removeAll { $0.type == .test && !kept.contains($0.name) || ["LimnCommands", "limn", "NodeServer", "Laboratory", "FleetBench", "StoreBench"].contains($0.name) }
    package.products = []
default: break
}
