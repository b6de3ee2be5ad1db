{#- Printed text in the one spelling that the other parsers read: half width, no white space, LaTeX of a Markdown
    conversion undone ($\geq 10\%$ is ≥10%), the caret of a lost superscript dropped (95^% is 95%). 100%% keeps both signs.
    For parsing only: what is shown to people stays as printed. -#}
{% macro normalise_printed(expr) -%}
    {#- chr(92) is the backslash: engines disagree on what '\g' in a literal means. Longer commands first. -#}
    {%- set latex = [
        ('geqslant', '≥'), ('geq', '≥'), ('ge', '≥'),
        ('leqslant', '≤'), ('leq', '≤'), ('le', '≤'),
        ('sim', '~'), ('pm', '±'), ('%', '%'),
    ] -%}
    {%- set text = namespace(sql=to_halfwidth(expr)) -%}
    {%- for command, sign in latex -%}
        {%- set text.sql = "replace(" ~ text.sql ~ ", chr(92) || '" ~ command ~ "', '" ~ sign ~ "')" -%}
    {%- endfor -%}
    replace(replace(replace({{ text.sql }}, ' ', ''), '$', ''), '^%', '%')
{%- endmacro %}
