import { damagedRecords } from "../../ledger/records.js";
import { recordedSilver, rulesOf, trustedState } from "../../ledger/silver-state.js";
import { nothing, type Patient, type Seen, type Treatment } from "./treatment.js";

/** Silver that somebody else has changed, or whose record is damaged. */
export async function silverState({ workspace: { dataset }, tables: { silver } }: Patient): Promise<Seen> {
  if (silver?.current === undefined) return nothing;
  const treatment: Omit<Treatment, "detail"> = {
    finding: "silver_untrusted",
    table: dataset.tables.silver.qualified,
    action: "make silver again from bronze",
    gone: 0,
    after: "silver",
    // Nothing: a run does not go on from such a silver.
    carryOut: async () => {},
  };
  const [damage] = damagedRecords({ silver });
  if (damage !== undefined) return { treatments: [{ ...treatment, detail: damage.message }] };
  const state = recordedSilver(silver);
  if (state === undefined || state.rules !== rulesOf(dataset)) return nothing;
  if (trustedState(silver, dataset) !== undefined) return nothing;
  const detail = "it has changed since pipectl wrote it: another program wrote to it";
  return { treatments: [{ ...treatment, detail }] };
}
