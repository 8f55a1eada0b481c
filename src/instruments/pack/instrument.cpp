#include "instruments/pack/instrument.hpp"

#include "instruments/pack/commands.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/routes.hpp"

namespace signalbox::pack {

Instrument instrument() {
  Instrument out;
  out.command.name = "pack";
  out.command.summary = "Pack orders into boxes, and prove how well";
  out.command.commands = {plan_command(),  batch_command(),  load_command(),   verify_command(),
                          bill_command(),  whatif_command(), card_command(),   assortment_command(),
                          audit_command(), trim_command(),   pallet_command(), trailer_command(),
                          kpi_command(),   ab_command(),     roi_command(),    target_command()};
  out.migrations = kept_migrations();
  out.routes = routes;
  return out;
}

}  // namespace signalbox::pack
