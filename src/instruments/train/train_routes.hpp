// What the server tells of one train beside its passengers: the decision about it, and its notes.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"
#include "instruments/train/decision_board.hpp"

namespace signalbox::train {

std::vector<http::Route> train_routes(std::shared_ptr<const Services> services,
                                      std::shared_ptr<DecisionBoard> board);

}  // namespace signalbox::train
