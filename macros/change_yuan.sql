{#- Change on the prior year in yuan; null where the two may not be compared. -#}
{% macro change_yuan(amount, prior, comparability) -%}
    case
        when {{ comparability }} in ('comparable', 'zero_base')
            then cast({{ amount }} - {{ prior }} as decimal(20, 2))
    end
{%- endmacro %}
