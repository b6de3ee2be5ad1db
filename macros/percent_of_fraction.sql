{#- Whether a bare number is a percentage that a sheet stores as a fraction (0.95 for 95%): the name is a rate that
    should be high, the number is above 0 and at most 1, and the indicators around it print %. Otherwise 1 stays 1. -#}
{% macro percent_of_fraction(name, kind, unit, number_value, neighbours_print_percent) -%}
    (
        {{ kind }} = 'number'
        and {{ unit }} is null
        and {{ number_value }} > 0
        and {{ number_value }} <= 1
        and {{ neighbours_print_percent }}
        and {{ is_rate_name(name) }}
        and coalesce({{ name_direction(name, "'%'") }}, 'higher') = 'higher'
    )
{%- endmacro %}
