internal import CFaultyDisk
internal import Foundation
internal import MergeVectors

/// The disk below the stores of this process, which fails when told.
package enum FaultyDisk {
    package enum Fault: String, CaseIterable, Sendable {
        case ioError, diskFull, shortWrite, powerLoss

        fileprivate var kind: faulty_kind {
            switch self {
            case .ioError: FAULTY_IO_ERROR
            case .diskFull: FAULTY_DISK_FULL
            case .shortWrite: FAULTY_SHORT_WRITE
            case .powerLoss: FAULTY_POWER_LOSS
            }
        }
    }

    /// Puts it below the stores that are opened from now on.
    package static func install() throws {
        guard faulty_install() == 0 else { throw Disagreement("the faulty disk is not installed") }
    }

    /// Makes the disk fail at a call that concerns files of a folder, counted from 1.
    ///
    /// - Parameter call: 0 for never.
    package static func arm(_ fault: Fault, at call: Int, in folder: String) throws {
        try install()
        faulty_arm(fault.kind, call, folder)
    }

    package static func disarm() { faulty_disarm() }

    /// Calls that could have failed since the disk was armed.
    package static var calls: Int { faulty_calls() }

    package static var hasStruck: Bool { faulty_has_struck() != 0 }

    /// Makes a copy of a folder as it is when the power is back: of the writes that were not synced the first `kept` stay.
    package static func afterPowerLoss(of folder: String, copy: String, kept: Int) throws {
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        guard faulty_lose_unsynced(folder, copy, kept) >= 0 else { throw Disagreement("the copy cannot be changed") }
        for name in try FileManager.default.contentsOfDirectory(atPath: copy) where name.hasSuffix("-shm") {
            try FileManager.default.removeItem(atPath: copy + "/" + name)
        }
    }
}
