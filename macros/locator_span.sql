{#- Where the parts of a sum stand: the place of the only one, or "first … last" in the order of `position`; an aggregate. -#}
{% macro locator_span(locator, position) -%}
    case
        when min({{ locator }}) = max({{ locator }}) then min({{ locator }})
        else concat(min_by({{ locator }}, {{ position }}), ' … ', max_by({{ locator }}, {{ position }}))
    end
{%- endmacro %}
