#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

std::string_view name_of(Proof proof) {
  switch (proof) {
    case Proof::optimal:
      return "optimal";
    case Proof::bounded:
      return "bounded";
    case Proof::heuristic:
      return "heuristic";
  }
  return "heuristic";
}

}  // namespace signalbox::pack
