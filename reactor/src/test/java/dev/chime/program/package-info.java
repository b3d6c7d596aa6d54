/** Programs as users write them, outside of Chime's own packages. */
package dev.chime.program;
