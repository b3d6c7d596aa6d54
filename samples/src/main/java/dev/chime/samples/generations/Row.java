package dev.chime.samples.generations;

import org.jspecify.annotations.Nullable;

/**
 * One line of the table: a generation under one condition.
 *
 * @param figures what the run came to; null when there could be none
 * @param note what must be said of it, such as why there are no figures; may be empty
 */
record Row(String generation, Condition condition, @Nullable Figures figures, String note) {}
