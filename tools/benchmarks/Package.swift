// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it measures the released program from outside and needs nothing of its rooms.
let package = Package(
    name: "limn-bench",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "LimnBench", dependencies: ["CSQLite"],
            swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault")]),
    ],
    swiftLanguageModes: [.v6]
)
